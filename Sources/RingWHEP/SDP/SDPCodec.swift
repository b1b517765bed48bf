/// One format of a section with its parameters.
///
/// Wire: `a=rtpmap` (RFC 8866 section 6.6), `a=fmtp` (6.15), `a=rtcp-fb` (RFC 4585).
public struct SDPCodec: Hashable, Sendable {
    /// The payload type, as the `m=` line names it.
    package let format: String
    /// The encoding name as written: `H264`, `opus`, `rtx`. Compare with ``isNamed(_:)``.
    public let name: String
    /// The clock rate in ticks per second; `nil` when it is missing or not a number.
    package let clockRate: Int?
    /// The number of audio channels, when given.
    package let channels: Int?
    /// The values of `a=rtcp-fb` for this format: `nack`, `nack pli`, `ccm fir`.
    package let feedback: [String]
    private let parameters: String?

    init(
        format: String, name: String, clockRate: Int?, channels: Int?, parameters: String? = nil,
        feedback: [String] = []
    ) {
        self.format = format
        self.name = name
        self.clockRate = clockRate
        self.channels = channels
        self.parameters = parameters
        self.feedback = feedback
    }

    /// Whether this is the encoding of that name. RFC 8866 compares without case.
    public func isNamed(_ name: String) -> Bool { Self.areSame(self.name.utf8, name.utf8) }

    /// The value of a parameter, such as `profile-level-id` or `sprop-parameter-sets`.
    ///
    /// Wire: `a=fmtp:<format> key=value;key=value`. Keys are compared without case.
    ///
    /// - Returns: An empty string when the key has no value, `nil` when it is missing.
    public func parameter(_ key: String) -> String? {
        for pair in (self.parameters ?? "").utf8.split(separator: UInt8(ascii: ";")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard Self.areSame(Self.trim(pair[..<end]), key.utf8) else { continue }
            return String(Substring(Self.trim(pair[end...].dropFirst())))
        }
        return nil
    }

    /// Whether this repairs or repeats another format instead of carrying media of its own.
    var isAuxiliary: Bool {
        let name = self.name.lowercased()
        return ["rtx", "red", "ulpfec", "cn", "telephone-event"].contains(name) || name.hasPrefix("flexfec")
    }

    /// The format that a retransmission (`rtx`) belongs to. Wire: `apt`.
    package var associatedFormat: String? { self.isNamed("rtx") ? self.parameter("apt") : nil }

    /// How H.264 is split into packets. The default is 0 (RFC 6184), which forbids fragments.
    package var packetizationMode: Int { self.parameter("packetization-mode").flatMap { Int($0) } ?? 0 }

    /// The H.264 profile. The default is baseline level 1; `nil` for other codecs and for an invalid value.
    package var h264Profile: SDPH264Profile? {
        guard self.isNamed("H264") else { return nil }
        guard let value = self.parameter("profile-level-id") else { return .assumed }
        return SDPH264Profile(profileLevelID: value)
    }

    private static func trim(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var text = text.drop(while: SDPLine.isBlank)
        while let last = text.last, SDPLine.isBlank(last) { text = text.dropLast() }
        return text
    }

    /// Whether two words are the same but for the case of ASCII letters.
    private static func areSame(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        left.elementsEqual(right) { $0 == $1 || ($0 ^ $1 == 0x20 && (65...90).contains($0 & $1)) }
    }

    /// Static payload types of RFC 3551 that need no `a=rtpmap`.
    static let wellKnown: [String: (name: String, clockRate: Int)] = [
        "0": ("PCMU", 8000), "8": ("PCMA", 8000), "9": ("G722", 8000), "13": ("CN", 8000), "18": ("G729", 8000),
        "26": ("JPEG", 90000), "31": ("H261", 90000), "32": ("MPV", 90000), "34": ("H263", 90000),
    ]
}

extension [SDPCodec] {
    /// What no H.264 format has for the repair of lost packets: NACK and RTX, or one of them; `nil` when one has both.
    var missingRetransmission: String? {
        let formats = self.filter { $0.isNamed("H264") }
        let repeated = Set(self.compactMap(\.associatedFormat))
        let withNACK = formats.filter { $0.feedback.contains("nack") }
        guard !withNACK.contains(where: { repeated.contains($0.format) }) else { return nil }
        let hasRTX = formats.contains { repeated.contains($0.format) }
        return withNACK.isEmpty ? (hasRTX ? "NACK" : "NACK and RTX") : "RTX"
    }
}
