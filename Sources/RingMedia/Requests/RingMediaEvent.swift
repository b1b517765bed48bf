public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The parts of an event of a webhook or the history that are needed to fetch its media.
public struct RingMediaEvent: Hashable, Sendable {
    /// The camera.
    package var device: RingDeviceID
    /// When it happened. Wire: `attributes.timestamp` of a webhook, `attributes.start` of a history event.
    public var moment: Date
    /// When it ended; `nil` when only its start is known. Wire: `attributes.end` of a history event.
    package var end: Date?
    /// The lenses that recorded it; empty for a device with one camera. Wire: `attributes.component_ids` of a webhook.
    package var components: [RingComponentID]

    /// Creates an event.
    public init(device: RingDeviceID, moment: Date, end: Date? = nil, components: [RingComponentID] = []) {
        self.device = device
        self.moment = moment
        self.end = end
        self.components = components
    }

    /// The lenses to request, each once; one `nil` for a device with one camera.
    var lenses: [RingComponentID?] {
        var seen: Set<RingComponentID> = []
        let list = self.components.filter { seen.insert($0).inserted }
        return list.isEmpty ? [nil] : list
    }
}
