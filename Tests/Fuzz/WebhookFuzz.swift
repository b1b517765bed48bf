import Foundation
import RingCore
import RingJSONAPI
import RingWebhooks

/// Bodies whose signature was right: every member of the event is read.
func fuzzWebhook(_ bytes: [UInt8]) {
    let event: RingWebhookEvent
    do throws(RingWebhookError) {
        event = try RingWebhookEvent(decoding: bytes)
    } catch {
        check(!error.message.isEmpty && !error.code.rawValue.isEmpty, "the error says why")
        return
    }
    _ = (event.sentAt, event.occurredAt, event.deviceID, event.componentIDs, event.content, event.historyKey)
    _ = (event.lifecycle, event.attributes?.count, event.key.hashValue)
    check(!event.requestID.rawValue.isEmpty || !event.id.rawValue.isEmpty, "an event has a name")
    check((try? RingWebhookEvent(decoding: bytes)) == event, "reading twice gives the same")
}
