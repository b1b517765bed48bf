public import RingCore

extension RingDevice {
    /// What powers the device, as far as status and capabilities contain it.
    public var powerSource: RingPowerSource {
        if let battery = self.status?.battery {
            if battery.isOnMains { return .mains }
            if battery.percentage != nil { return .battery }
        }
        return self.capabilities?.hasBattery == true ? .battery : .unknown
    }

    /// Whether media of this device is encrypted: requests may succeed and their content still be unreadable.
    ///
    /// `nil` when the configurations were not included or do not say.
    public var isEncrypted: Bool? { self.configurations?.isEncrypted }
}
