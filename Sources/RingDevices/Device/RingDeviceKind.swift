/// What a device most probably is: a conclusion, since Ring names no kind.
public enum RingDeviceKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A camera; also a doorbell that has not been pressed yet, since both have the same capabilities.
    case camera
    /// A camera with a button that has been pressed.
    case doorbell
    /// A device with several lenses, such as Ring Elite.
    case multiCamera
    /// A chime, which plays sounds on request.
    case chime
    /// A sensor on a door or window.
    case contactSensor
    /// A sensor for water and frost.
    case floodFreezeSensor
    /// A sensor for temperature and humidity.
    case climateSensor
    /// A monitor for carbon monoxide or fine dust.
    case airQualityMonitor
    /// A sensor of another kind.
    case sensor
    /// There is no evidence, as a rule because neither capabilities nor status were included.
    case unknown
}

/// A conclusion about a device's kind, and what it rests on.
///
/// Ring names no kind, and partners have to keep a mapping of their own: show the conclusion, let users correct it.
public struct RingDeviceKindFinding: Hashable, Sendable {
    /// The conclusion.
    public var kind: RingDeviceKind
    /// The wire members that speak for it, dotted: `capabilities.video.codecs`. Empty for an unknown kind.
    public var evidence: [String]

    package init(kind: RingDeviceKind, evidence: [String]) {
        self.kind = kind
        self.evidence = evidence
    }
}

extension RingDevice {
    /// What the device most probably is, from its capabilities and status.
    ///
    /// Ring names no kind. ``kindFinding(hasRung:)`` also knows doorbells, and says what the conclusion is based on.
    public var likelyKind: RingDeviceKind { self.kindFinding().kind }

    /// What the device most probably is, and what the conclusion is based on.
    ///
    /// - Parameter hasRung: Whether the device has ever sent `button_press` or a `ding`; only that makes a doorbell of
    ///   a camera.
    public func kindFinding(hasRung: Bool = false) -> RingDeviceKindFinding {
        let capabilities = self.capabilities
        if capabilities?.components.isEmpty == false {
            return RingDeviceKindFinding(kind: .multiCamera, evidence: ["capabilities.components.items"])
        }
        if capabilities?.video?.codecs.isEmpty == false {
            let evidence = ["capabilities.video.codecs"]
            return hasRung
                ? RingDeviceKindFinding(kind: .doorbell, evidence: evidence + ["button_press"])
                : RingDeviceKindFinding(kind: .camera, evidence: evidence)
        }
        if hasRung { return RingDeviceKindFinding(kind: .doorbell, evidence: ["button_press"]) }
        if capabilities?.audioActions.contains(.chimePlay) == true {
            return RingDeviceKindFinding(kind: .chime, evidence: ["capabilities.audio.supported_actions"])
        }
        return self.sensorKind ?? RingDeviceKindFinding(kind: .unknown, evidence: [])
    }

    /// What a device without camera and sound measures or detects.
    private var sensorKind: RingDeviceKindFinding? {
        func finding(_ kind: RingDeviceKind, _ evidence: [String]) -> RingDeviceKindFinding? {
            evidence.isEmpty ? nil : RingDeviceKindFinding(kind: kind, evidence: evidence)
        }
        return finding(.contactSensor, self.evidence(of: .contact, self.status?.contact))
            ?? finding(
                .floodFreezeSensor,
                self.evidence(of: .flood, self.status?.flood) + self.evidence(of: .freeze, self.status?.freeze))
            ?? finding(.airQualityMonitor, self.evidence(of: ["co", "carbon_monoxide", "pm25", "pm2_5"]))
            ?? finding(.climateSensor, self.evidence(of: ["temperature", "humidity"]))
            ?? finding(.sensor, self.otherSensorEvidence)
    }

    private func evidence(of kind: RingDetectionKind, _ detection: RingDetection?) -> [String] {
        var evidence: [String] = []
        if self.capabilities?.detections.contains(kind) == true {
            evidence.append("capabilities.\(kind.rawValue)_detection")
        }
        if detection != nil { evidence.append("status.\(kind.rawValue)_detection") }
        return evidence
    }

    private func evidence(of readings: [String]) -> [String] {
        let found = self.status?.readings.filter { readings.contains($0.kind.rawValue) } ?? []
        return found.map { "status.\($0.kind.rawValue)" }
    }

    private var otherSensorEvidence: [String] {
        let detections = self.capabilities?.detections.map(\.rawValue).sorted() ?? []
        var evidence = detections.map { "capabilities.\($0)_detection" }
        if self.status?.reportingState != nil { evidence.append("status.sensor_reporting_state") }
        return evidence
    }
}
