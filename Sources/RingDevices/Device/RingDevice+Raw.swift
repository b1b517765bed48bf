internal import RingJSONAPI

extension RingDevice {
    /// The device without what it was read from, so that the memory of the document is freed.
    ///
    /// ``attributes``, the parts' `attributes` and ``locationID`` of a location that was not included are gone then.
    package func withoutRaw() -> RingDevice { self.replacingRaw { _ in nil } }

    /// The device with copies of its own of what it was read from, so that it does not hold the whole document in
    /// memory.
    package func detached() -> RingDevice { self.replacingRaw(Self.detach) }

    private func replacingRaw(_ replace: (JSONAPIValue?) -> JSONAPIValue?) -> RingDevice {
        var device = self
        device.raw = replace(self.raw)
        device.status?.replaceRaw(replace)
        device.capabilities?.raw = replace(self.capabilities?.raw)
        if var components = device.capabilities?.components, !components.isEmpty {
            for index in components.indices {
                let raw = components[index].raw
                components[index].raw = replace(raw)
            }
            device.capabilities?.components = components
        }
        device.configurations?.raw = replace(self.configurations?.raw)
        device.configurations?.thresholds = Self.detach(self.configurations?.thresholds)
        device.location?.raw = replace(self.location?.raw)
        return device
    }

    private static func detach(_ value: JSONAPIValue?) -> JSONAPIValue? {
        // What was read once can be read again.
        value.flatMap { try? JSONAPIValue(parsing: $0.bytes) }
    }
}

extension RingDeviceStatus {
    fileprivate mutating func replaceRaw(_ replace: (JSONAPIValue?) -> JSONAPIValue?) {
        self.raw = replace(self.raw)
        func bare(_ detection: RingDetection?) -> RingDetection? {
            detection.map { RingDetection(isTriggered: $0.isTriggered, raw: replace($0.raw)) }
        }
        (self.contact, self.flood) = (bare(self.contact), bare(self.flood))
        (self.freeze, self.tamper) = (bare(self.freeze), bare(self.tamper))
        self.otherDetections = self.otherDetections.mapValues { detection in
            RingDetection(isTriggered: detection.isTriggered, raw: replace(detection.raw))
        }
        self.readings = self.readings.map { reading in
            RingReading(kind: reading.kind, value: reading.value, unit: reading.unit, raw: replace(reading.raw))
        }
    }
}
