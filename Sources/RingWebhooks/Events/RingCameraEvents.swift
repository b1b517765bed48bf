public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A camera saw movement inside one of its motion zones. Wire: `motion_detected`.
public struct RingMotionEvent: Hashable, Sendable {
    /// The camera.
    public var device: RingDeviceID
    /// Who or what moved; `nil` when Ring did not say. Needs Smart Alerts and a plan that includes them.
    public var subType: RingEventSubType?
    /// When it was seen.
    public var occurredAt: Date?
    /// The lenses that saw it, of a multi-camera device; often empty.
    public var components: [RingComponentID]

    /// Creates a value by hand, for tests.
    package init(
        device: RingDeviceID, subType: RingEventSubType? = nil, occurredAt: Date?, components: [RingComponentID] = []
    ) {
        self.device = device
        self.subType = subType
        self.occurredAt = occurredAt
        self.components = components
    }
}

/// Somebody pressed the doorbell. Wire: `button_press`.
public struct RingButtonPressEvent: Hashable, Sendable {
    /// The doorbell.
    public var device: RingDeviceID
    /// When it was pressed.
    public var occurredAt: Date?
    /// The lenses concerned, of a multi-camera device; often empty.
    public var components: [RingComponentID]
}
