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

    @Test func losesNoEventOfManyTasks() async {
        let observer = RecordingObserver()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { for _ in 0..<100 { observer.observe(Started()) } } }
        }
        #expect(observer.all.count == 1_600)
        #expect(observer.events(Started.self).count == 1_600)
    }

    @Test func theTranscriptShowsWhatAnEventCarries() {
        struct Carrying: RingObservation {
            static let name = "test.carrying"
            let attributes = [(key: "place", value: "CANARY-1")]
            let hidden = "CANARY-2"
        }
        let observer = RecordingObserver()
        #expect(observer.transcript.isEmpty)
        observer.observe(Carrying())
        for word in ["test.carrying", "place", "CANARY-1", "CANARY-2", "debug"] {
            #expect(observer.transcript.contains(word), "\(word)")
        }
    }
}
