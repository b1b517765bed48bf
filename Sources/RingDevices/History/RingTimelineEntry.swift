public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One event of a time line, as history, webhooks or both told it.
public struct RingTimelineEntry: Hashable, Sendable {
    /// What history keeps of it; `nil` while only webhooks told, and always for sensors.
    public var history: RingHistoryEvent?
    /// What webhooks told of it, earliest first; empty for events that are older than the webhooks, and for live views.
    public var sightings: [RingTimelineSighting]

    /// Device, kind and start, as history has them if it can, else as the first webhook does.
    public let key: RingEventKey

    internal init(_ event: RingHistoryEvent) {
        self.history = event
        self.sightings = []
        self.key = event.key
    }

    internal init(_ sighting: RingTimelineSighting) {
        self.history = nil
        self.sightings = [sighting]
        self.key = sighting.key
    }

    /// Where it happened.
    public var device: RingDeviceID { self.key.device }
    /// What happened.
    public var kind: RingEventKind { self.key.kind }
    /// When it began.
    public var start: Date { self.key.start }
    /// When it ended; `nil` until history tells.
    public var end: Date? { self.history?.end }
    /// Who or what moved: the most telling word of all sources, so `human` rather than `motion`.
    public var subType: RingEventSubType? {
        let words = self.sightings.compactMap(\.subType) + [self.history?.subType].compactMap { $0 }
        return words.first { $0 != .motion && $0 != .otherMotion } ?? words.first
    }
    /// The lenses that saw it.
    public var components: [RingComponentID] {
        var seen: Set<RingComponentID> = []
        return self.sightings.flatMap(\.components).filter { seen.insert($0).inserted }
    }
}
