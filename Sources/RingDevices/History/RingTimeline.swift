internal import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One timeline of history and webhooks, without duplicates.
///
/// Add entries and webhooks in any order: a duplicate webhook, or a page of history that was read twice, changes nothing. A webhook and a history entry are one event when device and kind are the same and their starts are
/// near; of several candidates the nearest pair first. A motion webhook from the middle of a recorded motion belongs
/// to that one.
public struct RingTimeline: Sendable {
    /// How far apart the two starts of one event may be.
    package let tolerance: Duration
    private var events: [RingEventID: RingHistoryEvent] = [:]
    private var sightings: [RingEventID: RingTimelineSighting] = [:]

    /// Creates an empty timeline.
    ///
    /// - Parameter tolerance: How far apart the two starts of one event may be. Live they are the same millisecond.
    public init(tolerance: Duration = .seconds(2)) { self.tolerance = max(tolerance, .zero) }

    /// Adds entries of the history. An entry that is there already is replaced: it may have an end now.
    public mutating func add(_ events: some Sequence<RingHistoryEvent>) {
        for event in events { self.events[event.id] = event }
    }

    /// Adds the event of a webhook. A duplicate changes nothing.
    public mutating func add(_ sighting: RingTimelineSighting) {
        if self.sightings[sighting.id] == nil { self.sightings[sighting.id] = sighting }
    }

    /// Removes everything that began before a moment, so that a timeline that is kept for long stays small.
    public mutating func removeAll(before moment: Date) {
        self.events = self.events.filter { $0.value.start >= moment }
        self.sightings = self.sightings.filter { $0.value.key.start >= moment }
    }

    /// The entries, newest first.
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
            (right.key.startMilliseconds, left.key.device.rawValue, left.key.kind.rawValue)
                < (left.key.startMilliseconds, right.key.device.rawValue, right.key.kind.rawValue)
        }
    }
}
