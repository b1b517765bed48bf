public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingClipRequest {
    /// Splits this range into pieces that Ring accepts, in order, without overlap: 15 minutes each, the last one shorter.
    ///
    /// Returns this request alone when it is short enough, and nothing for an empty range.
    package func split() -> [RingClipRequest] {
        // Ten years are 350,000 pieces. A range longer than the retention is refused in any case.
        let total = min(self.duration.wholeMilliseconds, RingMediaLimits.retention.wholeMilliseconds * 2)
        let step = RingMediaLimits.maximumClipDuration.wholeMilliseconds
        return stride(from: Int64(0), to: max(0, total), by: Int64.Stride(step)).map { offset in
            var piece = self
            piece.start = self.start + Double(offset) / 1000
            piece.duration = .milliseconds(min(step, total - offset))
            return piece
        }
    }
}

extension RingMediaClient {
    /// The requests for the clips of an event: one for each lens that recorded it.
    ///
    /// - Parameters:
    ///   - event: The event, of a webhook or the history.
    ///   - before: How much to show before the event's moment.
    ///   - after: How much to show after the event's end, or after its moment when the end is unknown. Cameras record about
    ///     fifteen seconds.
    /// - Returns: Requests with the device's defaults; change them as needed.
    public func clips(
        for event: RingMediaEvent, before: Duration = .seconds(5), after: Duration = .seconds(15)
    ) -> [RingClipRequest] {
        let moment = min(event.moment, self.now)
        var start = moment - max(before, .zero).seconds
        if let earliest = self.options.earliest { start = min(max(start, earliest), moment) }
        let end = max(event.end ?? moment, moment) + max(after, .milliseconds(1)).seconds
        return event.lenses.map {
            RingClipRequest(
                device: event.device, start: start, duration: .clamped(seconds: end.timeIntervalSince(start)),
                component: $0)
        }
    }

    /// The request for the still of an event, of the first lens that recorded it.
    ///
    /// - Parameters:
    ///   - event: The event, of a webhook or the history.
    ///   - component: A lens other than the first.
    public func still(for event: RingMediaEvent, component: RingComponentID? = nil) -> RingStillRequest {
        RingStillRequest(
            device: event.device, moment: .at(min(event.moment, self.now)),
            component: component ?? event.lenses.first ?? nil)
    }
}
