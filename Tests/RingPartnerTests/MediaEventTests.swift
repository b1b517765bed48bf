import Foundation
import RingPartner
import RingSimulator
import RingTesting
import Testing

/// From an event to the clip and the still that show it.
@Suite(.timeLimit(.minutes(5)))
struct MediaEventTests {
    private func webhook(_ type: String, components: String = "", device: String = "devices") throws
        -> RingWebhookEvent
    {
        let text = """
            {"meta":{"version":"1.1","time":"2026-11-18T09:46:41Z","request_id":"r-1","account_id":"a-1"},"data":{"id":"e-1",\
            "type":"\(type)","attributes":{"source":"door/1","source_type":"\(device)","timestamp":1795000000123\
            \(components)}}}
            """
        return try RingWebhookEvent(decoding: Array(text.utf8))
    }

    @Test func aWebhookIsAnEventWithItsLenses() throws {
        let event = try #require(
            RingMediaEvent(try self.webhook("motion_detected", components: #","component_ids":["2","1"]"#)))
        #expect(event.device == "door/1")
        #expect(event.moment == Date(timeIntervalSince1970: 1_795_000_000.123))
        #expect(event.end == nil)
        #expect(event.components == ["2", "1"])
        #expect(try RingMediaEvent(self.webhook("button_press"))?.components == [])
        #expect(try RingMediaEvent(self.webhook("app_integration_removed", device: "users")) == nil)
    }

    @Test func aHistoryEntryIsAnEventWithItsEnd() {
        let start = Date(timeIntervalSince1970: 1_795_000_000.123)
        let entry = RingHistoryEvent(id: "h", kind: .motionDetected, start: start, end: start + 7, device: "door/1")
        #expect(RingMediaEvent(entry) == RingMediaEvent(device: "door/1", moment: start, end: start + 7))
        #expect(RingMediaEvent(entry, components: ["1"]).components == ["1"])
    }

    /// From an entry of the history to the files, over the sockets of a simulated Ring.
    @Test func anEventBecomesAClipAndAStill() async throws {
        let bench = try await PartnerBench()
        let account = try await bench.link()
        let door = try #require(try await account.devices.list(include: []).first).id
        // No media from before the link may be requested, and the link was made just now.
        let (start, media) = (Date(), account.media)
        let event = RingMediaEvent(
            RingHistoryEvent(id: "h", kind: .buttonPress, start: start, end: start + 0.2, device: door))
        let clips = try await media.clips(
            for: event, into: bench.folder.path, before: .zero, after: .milliseconds(50))
        #expect(clips.isComplete && clips.files.count == 1)
        let still = try await media.data(media.still(for: event))
        #expect(still.info.contentType == "image/jpeg")
        #expect(!bench.simulator.mediaReceivedAuthorization)
        await bench.close()
    }
}
