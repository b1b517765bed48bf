/// One format of a section with everything said about it.
///
/// Wire: `a=rtpmap` (RFC 8866 section 6.6), `a=fmtp` (6.15), `a=rtcp-fb` (RFC 4585).
public struct SDPCodec: Hashable, Sendable {
    /// The payload type as the `m=` line names it.
    public var format: String
    /// The encoding name as written: `H264`, `opus`, `rtx`. Compare with ``isNamed(_:)``.
    public var name: String
    /// Ticks a second, `nil` when it does not parse.
    public var clockRate: Int?
    /// Channels of sound, when given.
    public var channels: Int?
    /// The text of `a=fmtp`, when there is one.
    public var parameters: SDPFormatParameters?
    /// The values of `a=rtcp-fb` for this format: `nack`, `nack pli`, `ccm fir`.
    public var feedback: [String]

    /// Creates a codec.
    public init(
        format: String, name: String, clockRate: Int? = nil, channels: Int? = nil,
        parameters: SDPFormatParameters? = nil, feedback: [String] = []
    ) {
        self.format = format
        self.name = name
        self.clockRate = clockRate
        self.channels = channels
        self.parameters = parameters
        self.feedback = feedback
    }

    /// Whether this is the encoding of that name; RFC 8866 compares without case.
    public func isNamed(_ name: String) -> Bool { self.name.lowercased() == name.lowercased() }

    /// Whether this repairs or repeats another format instead of carrying media of its own.
    public var isAuxiliary: Bool {
        let name = self.name.lowercased()
        return ["rtx", "red", "ulpfec", "cn", "telephone-event"].contains(name) || name.hasPrefix("flexfec")
    }

    /// The format that a retransmission (`rtx`) belongs to. Wire: `apt`.
    public var associatedFormat: String? { self.isNamed("rtx") ? self.parameters?["apt"] : nil }

    /// How H.264 is cut into packets: 0 when not said (RFC 6184), which forbids fragments.
    public var packetizationMode: Int { self.parameters?["packetization-mode"].flatMap { Int($0) } ?? 0 }

    /// The H.264 profile; baseline level 1 when not said, `nil` for other codecs and for a value that does not parse.
    public var h264Profile: SDPH264Profile? {
        guard self.isNamed("H264") else { return nil }
        guard let value = self.parameters?["profile-level-id"] else { return .assumed }
        return SDPH264Profile(profileLevelID: value)
    }

    /// Whether the receiver may ask for lost packets again.
    public var supportsNACK: Bool { self.feedback.contains("nack") }
    /// Whether the receiver may ask for a key frame.
    public var supportsPLI: Bool { self.feedback.contains("nack pli") }

    /// Static payload types of RFC 3551 that need no `a=rtpmap`.
    static let wellKnown: [String: (name: String, clockRate: Int)] = [
        "0": ("PCMU", 8000), "8": ("PCMA", 8000), "9": ("G722", 8000), "13": ("CN", 8000), "18": ("G729", 8000),
        "26": ("JPEG", 90000), "31": ("H261", 90000), "32": ("MPV", 90000), "34": ("H263", 90000),
    ]
}
