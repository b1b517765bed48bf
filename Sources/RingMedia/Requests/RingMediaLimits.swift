internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Ring's limits for media requests, checked before anything is sent.
package enum RingMediaLimits: Sendable {
    /// The longest clip: 15 minutes. Wire: `duration`.
    static let maximumClipDuration = Duration.seconds(900)
    /// The widest window of a search for the latest still: 24 hours.
    static let maximumStillWindow = Duration.seconds(86_400)
    /// How long Ring keeps recordings at most: 180 days. Documented for stills, taken to hold for clips.
    static let retention = Duration.seconds(180 * 86_400)
    /// The highest frame rate, in pictures a second. Wire: `video_options.frame_rate`.
    package static let maximumFrameRate = 25
    /// The largest width in pixels.
    static let maximumWidth = 1920
    /// The largest height in pixels.
    static let maximumHeight = 1080

    /// How much shorter a window of 24 hours is made that ends at the present: its end moves on while the request is sent and repeated.
    private static let stillWindowMargin: TimeInterval = 300
    /// How long ago, at most, a caller read the clock for the start of such a window.
    private static let stillWindowTolerance: TimeInterval = 60

    /// The start of a window that ends at the present. One of 24 hours, as its caller computed them a moment ago, begins some minutes
    /// later; any other stays as it is.
    static func openWindowStart(_ start: Date, now: Date) -> Date {
        let earliest = now - Self.maximumStillWindow.seconds
        return start >= earliest - Self.stillWindowTolerance ? max(start, earliest + Self.stillWindowMargin) : start
    }

    static func checkMoment(_ moment: Date, what: String, now: Date) throws(RingError) {
        guard moment.epochMilliseconds != nil else {
            throw RingError.invalidArgument("\(what) is outside the range of dates")
        }
        guard moment <= now else {
            throw RingError.invalidArgument(
                "\(what) is in the future; Ring has recordings of the past only")
        }
        guard moment >= now - Self.retention.seconds else {
            throw RingError.invalidArgument("\(what) is older than the 180 days for which Ring keeps recordings")
        }
    }

    static func checkComponent(
        _ component: RingComponentID?, of device: RingDeviceID, known: [RingComponentID]?
    ) throws(RingError) {
        guard !device.rawValue.isEmpty else {
            throw RingError.invalidArgument("the device's identifier is empty; pass it as Ring sent it")
        }
        guard component?.rawValue.isEmpty != true else {
            throw RingError.invalidArgument("the component's identifier is empty; pass it as Ring sent it, or none")
        }
        guard let known else { return }
        let names = known.map { "“\($0.rawValue)”" }.joined(separator: ", ")
        switch (component, known.isEmpty) {
        case (nil, false):
            throw RingError.invalidArgument(
                "the device has several cameras, so a request names exactly one component; it has \(names)")
        case (.some, true):
            throw RingError.invalidArgument("the device has one camera and takes no component; leave it out")
        case (.some(let component), false) where !known.contains(component):
            throw RingError.invalidArgument(
                "the device has no component “\(component.rawValue)”; it has \(names), and a request names exactly one")
        default: return
        }
    }
}

extension Date {
    /// The moment as Ring writes it; `nil` when it is no date within a few hundred thousand years.
    var epochMilliseconds: Int64? {
        let milliseconds = (self.timeIntervalSince1970 * 1000).rounded()
        guard abs(milliseconds) < 1e16 else { return nil }
        return Int64(exactly: milliseconds)
    }

    init(epochMilliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(epochMilliseconds) / 1000)
    }
}

extension Duration {
    /// The length in seconds, with its fraction.
    var seconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A length from seconds that may be anything: what is not a number becomes zero, what is huge 300 years.
    static func clamped(seconds: Double) -> Duration {
        guard !seconds.isNaN else { return .zero }
        return .milliseconds(Int64((min(max(seconds, -1e10), 1e10) * 1000).rounded()))
    }

    /// Whole milliseconds, rounded down; clamped, so that no length can overflow.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1000)
        return isOver ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000_000_000
    }
}
