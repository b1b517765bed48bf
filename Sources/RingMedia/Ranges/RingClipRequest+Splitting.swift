public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingClipRequest {
    /// This range in pieces that Ring accepts, in order, without overlap: 15 minutes each, the last one shorter.
    ///
    /// Gives this request alone when it is short enough, and nothing for a range without length.
    public func split() -> [RingClipRequest] {
        // Ten years are 350,000 pieces; whatever is longer than the retention is refused anyway.
        let total = min(self.duration.wholeMilliseconds, RingMediaLimits.retention.wholeMilliseconds * 2)
        let step = RingMediaLimits.longestClip.wholeMilliseconds
        return stride(from: Int64(0), to: max(0, total), by: Int64.Stride(step)).map { offset in
            var piece = self
            piece.start = self.start + Double(offset) / 1000
            piece.duration = .milliseconds(min(step, total - offset))
            return piece
        }
    }
}

extension RingMediaClient {
    /// The clips that show an event: one for each lens that saw it, from a little before to a little after.
    ///
    /// - Parameters:
    ///   - event: The event, of a webhook or the history.
    ///   - roll: How much to show before and after.
    /// - Returns: Requests whose other options are the device's; change them as needed.
    public func clips(for event: RingMediaEvent, roll: RingMediaRoll = RingMediaRoll()) -> [RingClipRequest] {
        let moment = min(event.moment, self.now)
        var start = moment - roll.before.seconds
        if let earliest = self.options.earliest { start = min(max(start, earliest), moment) }
        let end = max(event.end ?? moment, moment) + roll.after.seconds
        return event.lenses.map {
            RingClipRequest(
                device: event.device, start: start, duration: .clamped(seconds: end.timeIntervalSince(start)),
                component: $0)
        }
    }

    /// The still of an event, of the first lens that saw it.
    ///
    /// - Parameters:
    ///   - event: The event, of a webhook or the history.
    ///   - component: Another lens than the first.
    public func still(for event: RingMediaEvent, component: RingComponentID? = nil) -> RingStillRequest {
        RingStillRequest(
            device: event.device, moment: .at(min(event.moment, self.now)),
            component: component ?? event.lenses.first ?? nil)
    }
}
