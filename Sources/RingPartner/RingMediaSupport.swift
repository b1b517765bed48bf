public import RingCore
internal import RingCrypto
public import RingDevices
public import RingMedia
public import RingWebhooks

/// The SHA-256 of a file that is being downloaded.
///
/// <!-- given: media: inout RingMediaClient -->
/// ```swift
/// media.options.digest = { RingMediaSHA256() }
/// ```
public struct RingMediaSHA256: RingMediaDigest {
    private var hash = RingSHA256()

    /// Starts an empty digest.
    public init() {}

    /// Adds bytes at the end.
    public mutating func update(_ bytes: [UInt8]) { self.hash.update(bytes) }

    /// The digest of everything added so far, in lower-case hexadecimal.
    public func hexadecimal() -> String { self.hash.finish().hex }
}

extension RingMediaEvent {
    /// The event of a webhook, with the lenses that recorded it.
    ///
    /// - Returns: `nil` for an event of an account or a subscription, which has no device or no time.
    public init?(_ event: RingWebhookEvent) {
        guard let device = event.deviceID, let moment = event.occurredAt else { return nil }
        self.init(device: device, moment: moment, components: event.componentIDs)
    }

    /// An entry of the event history, from its start to its end.
    ///
    /// - Parameters:
    ///   - event: The entry.
    ///   - components: The lenses to show, which the history does not contain; empty for a device with one camera.
    public init(_ event: RingHistoryEvent, components: [RingComponentID] = []) {
        self.init(device: event.device, moment: event.start, end: event.end, components: components)
    }
}
