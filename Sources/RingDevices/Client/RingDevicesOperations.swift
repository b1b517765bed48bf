package import RingCore

extension RingOperation {
    /// `GET /v1/devices`.
    package static let devices = Self("devices.list", retry: .idempotent)
    /// `GET /v1/devices/{id}`.
    package static let device = Self.ofDevice("devices.get")
    /// `GET /v1/devices/{id}/status`.
    package static let deviceStatus = Self.ofDevice("devices.status")
    /// `GET /v1/devices/{id}/capabilities`.
    package static let deviceCapabilities = Self.ofDevice("devices.capabilities")
    /// `GET /v1/devices/{id}/configurations`.
    package static let deviceConfigurations = Self.ofDevice("devices.configurations")
    /// `GET /v1/devices/{id}/location`.
    package static let deviceLocation = Self.ofDevice("devices.location")
    /// `GET /v1/locations`.
    package static let locations = Self("locations.list", retry: .idempotent)
    /// `GET /v1/history/devices/{id}/events`.
    package static let history = Self.ofDevice("history.list")
    /// `POST …/media/audio/playback`. It is audible, so it is repeated only when Ring refused it.
    package static let playChime = Self.ofDevice("chime.play", retry: .whenRateLimited)

    /// The path names a device, so a 404 means that the device is not known.
    private static func ofDevice(_ name: String, retry: RingRetryBehavior = .idempotent) -> Self {
        Self(name, retry: retry, redaction: .credentials, errorCodes: [404: .deviceNotFound])
    }
}
