/// The H.264 profile and level of a format.
///
/// Wire: `profile-level-id` of `a=fmtp`, three bytes as six hex digits, RFC 6184 section 8.1. Profiles are compared by
/// ``kind``: the level may differ when `level-asymmetry-allowed=1`.
package struct SDPH264Profile: Hashable, Sendable, CustomStringConvertible {
    /// The profile's number: 66 baseline, 77 main, 100 high.
    var profileIDC: UInt8
    /// The constraint flags, `constraint_set0_flag` in the top bit.
    var constraintFlags: UInt8
    /// Ten times the level: 31 is level 3.1.
    package var levelIDC: UInt8

    /// Parses six hex digits; `nil` for anything else (a camera has sent seven).
    package init?(profileLevelID: String) {
        let digits = Array(profileLevelID.utf8)
        guard digits.count == 6 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 6, by: 2) {
            guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        self.init(profileIDC: bytes[0], constraintFlags: bytes[1], levelIDC: bytes[2])
    }

    private init(profileIDC: UInt8, constraintFlags: UInt8, levelIDC: UInt8) {
        self.profileIDC = profileIDC
        self.constraintFlags = constraintFlags
        self.levelIDC = levelIDC
    }

    /// The profile when `profile-level-id` is absent: baseline, level 1.
    package static let assumed = Self(profileIDC: 66, constraintFlags: 0, levelIDC: 10)

    /// The profile without its level. RFC 6184 table 5 gives the patterns: a flag says that the stream also keeps to the
    /// rules of Baseline (the top bit) or of Main (the next one).
    package var kind: Kind {
        let (keepsBaseline, keepsMain) = (self.constraintFlags & 0x80 != 0, self.constraintFlags & 0x40 != 0)
        switch self.profileIDC {
        case 66: return keepsMain ? .constrainedBaseline : .baseline
        case 77: return keepsBaseline ? .constrainedBaseline : .main
        case 88 where keepsBaseline: return keepsMain ? .constrainedBaseline : .baseline
        case 88: return .extended
        case 100: return self.constraintFlags & 0x0C == 0x0C ? .constrainedHigh : .high
        default: return .other(self.profileIDC)
        }
    }

    /// Whether this is Baseline or Constrained Baseline.
    var isBaseline: Bool { self.kind == .baseline || self.kind == .constrainedBaseline }

    /// Whether this is a High profile, which Ring's newer cameras send.
    package var isHigh: Bool { self.kind == .high || self.kind == .constrainedHigh }

    /// A profile without its level.
    package enum Kind: Hashable, Sendable {
        /// `42e0..`. Browsers always offer it.
        case constrainedBaseline
        /// `4200..`.
        case baseline
        /// `4d00..`.
        case main
        /// `58....`.
        case extended
        /// `6400..`. Ring has answered with it.
        case high
        /// `640c..`.
        case constrainedHigh
        /// Any other profile number.
        case other(UInt8)
    }

    /// Name and level, for example `constrainedBaseline level 3.1`.
    package var description: String {
        // In these profiles the fourth flag turns level 1.1 into 1b.
        let isLevel1b =
            self.levelIDC == 11 && self.constraintFlags & 0x10 != 0 && [66, 77, 88].contains(self.profileIDC)
        return "\(self.kind) level " + (isLevel1b ? "1b" : "\(self.levelIDC / 10).\(self.levelIDC % 10)")
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
