import Foundation
import RingCore
import RingDevices
import Testing

@Suite struct RingTimelineTests {
    private func event(
        _ id: String, _ kind: RingEventKind = .motionDetected, at start: Int64, to end: Int64? = nil
    ) -> RingHistoryEvent {
        RingHistoryEvent(
            id: RingEventID(rawValue: id), kind: kind, start: Date(timeIntervalSince1970: Double(start) / 1000),
            end: end.map { Date(timeIntervalSince1970: Double($0) / 1000) }, device: "d")
    }

    private func sighting(
        _ id: String, _ kind: RingEventKind = .motionDetected, at start: Int64, _ subType: RingEventSubType? = nil
    ) -> RingTimelineSighting {
        RingTimelineSighting(
            id: RingEventID(rawValue: id), key: RingEventKey(device: "d", kind: kind, startMilliseconds: start),
            subType: subType)
    }

    @Test func aWebhookAndItsHistoryEntryAreOneEvent() {
        var line = RingTimeline()
        line.add(self.sighting("w1", at: 1_795_000_000_500, .human))
        line.add(self.sighting("w2", .buttonPress, at: 1_795_000_500_800))
        line.add([
            self.event("h2", .buttonPress, at: 1_795_000_500_800, to: 1_795_000_510_800),
            self.event("h1", at: 1_795_000_000_500, to: 1_795_000_025_500),
        ])
        let entries = line.entries()
        #expect(entries.map(\.history?.id) == ["h2", "h1"])
        #expect(entries.map { $0.sightings.map(\.id) } == [["w2"], ["w1"]])
        #expect(entries.last?.subType == .human)
        #expect(entries.last?.end == Date(timeIntervalSince1970: 1_795_000_025.5))
    }

    @Test func whatComesTwiceCountsOnceInAnyOrder() {
        let events = [self.event("h1", at: 5000), self.event("h2", .buttonPress, at: 9000)]
        let sightings = [self.sighting("w1", at: 5000), self.sighting("w3", .floodDetected, at: 7000)]
        var forward = RingTimeline()
        for _ in 0..<3 {
            forward.add(events)
            for sighting in sightings { forward.add(sighting) }
        }
        var backward = RingTimeline()
        for sighting in sightings.reversed() { backward.add(sighting) }
        backward.add(events.reversed())
        #expect(forward.entries() == backward.entries())
        #expect(forward.entries().map(\.key.kind) == [.buttonPress, .floodDetected, .motionDetected])
    }

    @Test func twoRingsThreeSecondsApartStayTwo() {
        var line = RingTimeline(tolerance: .seconds(5))
        line.add([self.event("h1", .buttonPress, at: 10_000), self.event("h2", .buttonPress, at: 13_000)])
        line.add(self.sighting("w2", .buttonPress, at: 13_000))
        line.add(self.sighting("w1", .buttonPress, at: 10_000))
        line.add(self.sighting("w3", .buttonPress, at: 16_500))
        let entries = line.entries()
        #expect(entries.map { $0.sightings.map(\.id) } == [["w3"], ["w2"], ["w1"]])
        #expect(entries.map(\.history?.id) == [nil, "h2", "h1"])
    }

    @Test func aMotionDuringARecordedMotionBelongsToIt() {
        var line = RingTimeline()
        line.add([self.event("h1", at: 10_000, to: 40_000), self.event("h2", at: 50_000, to: 60_000)])
        line.add(self.sighting("w1", at: 10_000, .motion))
        line.add(self.sighting("w2", at: 25_000, .human))
        line.add(self.sighting("w3", at: 45_000, .vehicle))
        let entries = line.entries()
        #expect(entries.map(\.history?.id) == ["h2", nil, "h1"])
        #expect(entries.last?.sightings.map(\.id) == ["w1", "w2"])
        #expect(entries.last?.subType == .human)
    }

    @Test func anotherDeviceOrKindIsAnotherEvent() {
        var line = RingTimeline()
        line.add([self.event("h1", at: 10_000)])
        line.add(self.sighting("w1", .buttonPress, at: 10_000))
        line.add(
            RingTimelineSighting(
                id: "w2", key: RingEventKey(device: "other", kind: .motionDetected, startMilliseconds: 10_000)))
        #expect(line.entries().count == 3)
    }

    @Test func anEntryReadAgainGetsItsEnd() {
        var line = RingTimeline()
        line.add([self.event("h1", at: 10_000)])
        line.add([self.event("h1", at: 10_000, to: 20_000)])
        #expect(line.entries().map(\.end) == [Date(timeIntervalSince1970: 20)])
        line.removeAll(before: Date(timeIntervalSince1970: 11))
        #expect(line.entries().isEmpty)
    }

    @Test func tenThousandOfEachAtOneMomentDoNotTakeQuadraticTime() {
        var line = RingTimeline()
        line.add((0..<10_000).map { self.event("h\($0)", at: 1000) })
        for index in 0..<10_000 { line.add(self.sighting("w\(index)", .motionDetected, at: 1000)) }
        let entries = line.entries()
        #expect(entries.reduce(0) { $0 + $1.sightings.count } == 10_000)
        #expect(entries.filter { $0.history != nil }.count == 10_000)
    }
}
