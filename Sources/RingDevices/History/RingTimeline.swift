internal import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One time line of what history and webhooks tell, without duplicates.
///
/// Add what comes, in any order and as often as it comes: a webhook's repetition, or a page of history read again,
/// changes nothing. A webhook and a history entry are one event when device and kind are the same and their starts are
/// near; of several candidates the nearest pair first. A motion webhook from the middle of a recorded motion belongs
/// to that one.
public struct RingTimeline: Sendable {
    /// How far apart the two starts of one event may be.
    public let tolerance: Duration
    private var events: [RingEventID: RingHistoryEvent] = [:]
    private var sightings: [RingEventID: RingTimelineSighting] = [:]

    /// Creates an empty time line.
    ///
    /// - Parameter tolerance: How far apart the two starts of one event may be. Live they are the same millisecond.
    public init(tolerance: Duration = .seconds(2)) { self.tolerance = max(tolerance, .zero) }

    /// Adds what history tells. An entry that is there already is replaced: it may have got its end.
    public mutating func add(_ events: some Sequence<RingHistoryEvent>) {
        for event in events { self.events[event.id] = event }
    }

    /// Adds what a webhook tells. A repetition changes nothing.
    public mutating func add(_ sighting: RingTimelineSighting) {
        if self.sightings[sighting.id] == nil { self.sightings[sighting.id] = sighting }
    }

    /// Lets go of everything that began before a moment, so that a time line kept for long stays small.
    public mutating func removeAll(before moment: Date) {
        self.events = self.events.filter { $0.value.start >= moment }
        self.sightings = self.sightings.filter { $0.value.key.start >= moment }
    }

    /// The time line, newest first.
    public func entries() -> [RingTimelineEntry] {
        struct Place: Hashable {
            var device: RingDeviceID
            var kind: RingEventKind
        }
        var events: [Place: [RingHistoryEvent]] = [:]
        var sightings: [Place: [RingTimelineSighting]] = [:]
        for event in self.events.values {
            events[Place(device: event.device, kind: event.kind), default: []].append(event)
        }
        for sighting in self.sightings.values {
            sightings[Place(device: sighting.key.device, kind: sighting.key.kind), default: []].append(sighting)
        }
        var entries: [RingTimelineEntry] = []
        for place in Set(events.keys).union(sightings.keys) {
            var pairing = TimelinePairing(events[place] ?? [], sightings[place] ?? [], self.tolerance)
            entries += pairing.entries()
        }
        return entries.sorted { left, right in
            (right.key.startMilliseconds, left.device.rawValue, left.kind.rawValue)
                < (left.key.startMilliseconds, right.device.rawValue, right.kind.rawValue)
        }
    }
}
