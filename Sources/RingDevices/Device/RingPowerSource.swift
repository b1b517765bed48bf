/// What feeds a device. The list is closed: battery, mains, or nobody knows.
public enum RingPowerSource: String, Hashable, Sendable {
    /// A battery: the status names a percentage, or capabilities a battery.
    case battery
    /// Mains: the status has the percentage 255.
    case mains
    /// Nothing tells. Usual for cameras.
    case unknown
}

/// How long Ring will probably let a live session last. A guess: Ring documents 30 s on battery and 60 s on mains, and
/// names no power source.
public struct RingSessionLimitGuess: Hashable, Sendable {
    /// What the guess rests on.
    public var powerSource: RingPowerSource
    /// Surely no shorter than this, if the power source is right.
    public var shortest: Duration
    /// Surely no longer than this.
    public var longest: Duration

    /// Guesses from a power source.
    public init(_ powerSource: RingPowerSource) {
        self.powerSource = powerSource
        self.shortest = powerSource == .mains ? .seconds(60) : .seconds(30)
        self.longest = powerSource == .battery ? .seconds(30) : .seconds(60)
    }
}

extension RingDevice {
    /// The battery, when the status tells about one.
    public var battery: RingBattery? { self.status?.battery }

    /// What feeds the device, as far as status and capabilities tell.
    public var powerSource: RingPowerSource {
        if let battery = self.status?.battery {
            if battery.isOnMains { return .mains }
            if battery.percentage != nil { return .battery }
        }
        return self.capabilities?.hasBattery == true ? .battery : .unknown
    }

    /// How long a live session will probably last.
    public var sessionLimitGuess: RingSessionLimitGuess { RingSessionLimitGuess(self.powerSource) }

    /// Whether media of this device is encrypted: requests may succeed and their content still be unreadable.
    ///
    /// `nil` when the configurations were not included or do not say.
    public var isEncrypted: Bool? { self.configurations?.isEncrypted }
}
