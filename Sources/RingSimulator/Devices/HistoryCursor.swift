internal import RingCrypto
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The place in the event history behind which a page begins: the last event of the page before it.
///
/// It names that event, not its position, so that an event which arrives between two pages moves nothing.
struct HistoryCursor {
    var start: Int64
    /// Empty when the key is a time: the events of that moment are behind the cursor, then.
    var id: String

    init(behind event: ServiceState.Event) { (self.start, self.id) = (event.start, event.id) }

    /// Reads a page key; `nil` for one that the simulator did not make.
    init?(_ text: String) {
        if text.contains(":") {
            guard let date = JSONAPITime.parse(text) else { return nil }
            (self.start, self.id) = (date.epochMilliseconds, "")
            return
        }
        guard let bytes = RingBase64URL.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let start = Int64(parts[0]), parts[1].hasPrefix(ServiceState.eventIDPrefix) else {
            return nil
        }
        (self.start, self.id) = (start, String(parts[1]))
    }

    func text(isTime: Bool) -> String {
        isTime ? isoTime(self.start, digits: 3) : RingBase64URL.encode(Array("\(self.start) \(self.id)".utf8))
    }

    /// Whether an event comes after the cursor in the history, which begins with the newest.
    func isBefore(_ event: ServiceState.Event) -> Bool { (event.start, event.id) < (self.start, self.id) }
}
