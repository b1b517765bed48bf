public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One event of a timeline, from the history, from webhooks, or from both.
public struct RingTimelineEntry: Hashable, Sendable {
    /// The entry of the history; `nil` while only webhooks reported it, and always for sensors.
    public var history: RingHistoryEvent?
    /// The webhooks about it, earliest first; empty for events that are older than the webhooks, and for live views.
    public var sightings: [RingTimelineSighting]

    /// Device, kind and start: those of the history, otherwise those of the first webhook.
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

    /// When it ended; `nil` until the history contains it.
    public var end: Date? { self.history?.end }
    /// Who or what moved: the most specific word of all sources, so `human` rather than `motion`.
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

/// The event of a webhook, for a timeline.
public struct RingTimelineSighting: Hashable, Sendable, Identifiable {
    /// Names the event; the same in every delivery of it. Wire: `data.id`.
    public var id: RingEventID
    /// Device, kind and start. Wire: `attributes.source`, `data.type`, `attributes.timestamp`.
    public var key: RingEventKey
    /// Who or what moved. Wire: `attributes.sub_type`, in older webhooks `data.subType`.
    public var subType: RingEventSubType?
    /// The lenses that saw it, on multi-camera devices. Wire: `attributes.component_ids`.
    public var components: [RingComponentID]

    /// Creates a sighting from a webhook's event.
    public init(
        id: RingEventID, key: RingEventKey, subType: RingEventSubType? = nil, components: [RingComponentID] = []
    ) {
        self.id = id
        self.key = key
        self.subType = subType
        self.components = components
    }
}
