internal import RingJSONAPI

/// What the sensors of a device report; every event of a sensor changes it.
struct Sensors: Codable {
    /// The alarms that are on, by the stem of their events: `contact_sensor`, `flood`, `tamper`, `temperature` …
    private(set) var alarms: Set<String> = []
    /// When the device last reported something; `nil` before its first event.
    private(set) var reportedAt: Int64?

    /// The quantities that sensors measure: an ordinary value, one beyond the threshold, and the unit.
    ///
    /// No document names the attributes; these are the names of their events.
    private static let quantities: [String: (ordinary: Double, exceeded: Double, unit: String)] = [
        "temperature": (21.5, 36, "celsius"), "humidity": (45, 85, "percent"), "pm25": (8, 120, "micrograms_per_m3"),
        "co": (0, 70, "ppm"),
    ]

    /// Follows an event; one that is not of a sensor changes nothing.
    mutating func follow(_ type: String, of kind: RingSimulatorDevice.Kind, at now: Int64) {
        // Other devices have no sensors, whatever their events end in.
        guard !self.attributes(of: kind, .object).isEmpty else { return }
        for (suffix, isOn) in [("_detected", true), ("_faulted", true), ("_exceeded", true), ("_cleared", false)]
        where type.hasSuffix(suffix) {
            let stem = String(type.dropLast(suffix.count))
            if isOn { self.alarms.insert(stem) } else { self.alarms.remove(stem) }
            self.reportedAt = now
        }
    }

    /// The attributes of the status of a device.
    func attributes(
        of kind: RingSimulatorDevice.Kind, _ form: RingSimulatorSwitches.SensorReadings
    ) -> [(String, JSONAPILiteral)] {
        func faulted(_ name: String, _ stem: String) -> (String, JSONAPILiteral) {
            (name, ["faulted": .bool(self.alarms.contains(stem))])
        }
        var attributes: [(String, JSONAPILiteral)] = []
        switch kind {
        case .floodFreeze:
            attributes = [faulted("flood_detection", "flood"), faulted("freeze_detection", "freeze")]
        case .contact: attributes = [faulted("contact_detection", "contact_sensor")]
        case .temperatureHumidity: attributes = ["temperature", "humidity"].map { self.reading($0, form) }
        case .airQuality:
            attributes = ["temperature", "humidity", "co", "pm25"].map { self.reading($0, form) }
        case .doorbell, .camera, .elite, .chime: return []
        }
        attributes.append(("tamper_detection", ["detected": .bool(self.alarms.contains("tamper"))]))
        return attributes
    }

    private func reading(
        _ name: String, _ form: RingSimulatorSwitches.SensorReadings
    ) -> (String, JSONAPILiteral) {
        guard let quantity = Self.quantities[name] else { return (name, nil) }
        let value = JSONAPILiteral.double(self.alarms.contains(name) ? quantity.exceeded : quantity.ordinary)
        switch form {
        case .object: return (name, ["value": value, "unit": .string(quantity.unit)])
        case .value: return (name, ["value": value])
        case .number: return (name, value)
        }
    }
}

extension RingSimulatorDevice.Kind {
    /// Whether it is a sensor, with a battery or on mains.
    var isSensor: Bool {
        switch self {
        case .contact, .floodFreeze, .temperatureHumidity, .airQuality: true
        case .doorbell, .camera, .elite, .chime: false
        }
    }
}
