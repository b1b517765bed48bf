public import RingCore

/// An event as a webhook told it, for a time line.
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
