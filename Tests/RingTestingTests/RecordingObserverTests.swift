import RingCore
import RingTesting
import RingWebhooks
import Testing

@Suite struct RecordingObserverTests {
    private struct Started: RingObservation {
        static let name = "test.started"
        let attributes = [(key: "number", value: "1")]
    }

    @Test func keepsEventsInOrderAndByType() {
        let observer = RecordingObserver()
        observer.observe(Started())
        observer.observe(Started())
        #expect(observer.all.map(\.name) == ["test.started", "test.started"])
        #expect(observer.events(Started.self).count == 2)
        #expect(observer.events(RingWebhookReceived.self).isEmpty)
        #expect(observer.transcript.split(separator: "\n").count == 2)
        #expect(observer.transcript.contains("test.started"))
    }
}
