import Foundation
import RingCore
import Testing

@Suite struct RingEventTests {
    @Test(arguments: [("motion", RingEventKind.motionDetected), ("ding", .buttonPress), ("on_demand", .onDemand)])
    func historyAndWebhooksShareOneVocabulary(history: String, kind: RingEventKind) {
        #expect(RingEventKind(historyType: history) == kind)
        #expect(kind.historyType == history)
    }

    @Test func aDottedFilterNamesItsKind() {
        #expect(RingEventKind(historyType: "motion.human") == .motionDetected)
    }

    @Test func anUnknownKindSurvivesBothWays() {
        let kind = RingEventKind(historyType: "chime.moved")
        #expect(kind.rawValue == "chime.moved")
        #expect(kind.historyType == "chime.moved")
        #expect(!kind.isKnown)
    }

    @Test func theCatalogueHasTenAndSixteen() {
        #expect(Set(RingEventKind.core).count == 10)
        #expect(Set(RingEventKind.sensors).count == 16)
        #expect(RingEventKind.known.count == 27)
    }

    @Test func aWebhookAndItsHistoryEntryHaveOneKey() {
        let webhook = RingEventKey(
            device: "d", kind: .motionDetected, start: Date(timeIntervalSince1970: 1_795_000_000.5))
        let entry = RingEventKey(
            device: "d", kind: RingEventKind(historyType: "motion"), startMilliseconds: 1_795_000_000_500)
        #expect(webhook == entry)
        #expect(webhook.start == Date(timeIntervalSince1970: 1_795_000_000.5))
    }

    @Test func aSmallDifferenceCanBeTolerated() {
        let one = RingEventKey(device: "d", kind: .buttonPress, startMilliseconds: 1_000)
        let two = RingEventKey(device: "d", kind: .buttonPress, startMilliseconds: 2_500)
        #expect(!one.isSameEvent(as: two))
        #expect(one.isSameEvent(as: two, within: .milliseconds(1_500)))
        #expect(two.isSameEvent(as: one, within: .milliseconds(1_500)))
        #expect(!one.isSameEvent(as: two, within: .milliseconds(1_499)))
        let other = RingEventKey(device: "e", kind: .buttonPress, startMilliseconds: 1_000)
        #expect(!one.isSameEvent(as: other, within: .seconds(60)))
    }

    @Test func absurdTimesDoNotTrap() {
        let first = RingEventKey(device: "d", kind: .buttonPress, startMilliseconds: .min)
        let last = RingEventKey(device: "d", kind: .buttonPress, startMilliseconds: .max)
        #expect(!first.isSameEvent(as: last, within: .seconds(1)))
        #expect(RingEventKey(device: "d", kind: .buttonPress, start: .distantFuture).startMilliseconds > 0)
        #expect(
            RingEventKey(device: "d", kind: .buttonPress, start: Date(timeIntervalSince1970: .infinity))
                .startMilliseconds == 0)
    }
}
