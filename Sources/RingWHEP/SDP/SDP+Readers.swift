extension SDP {
    /// The first video section.
    public var video: SDPMediaSection? { self.media.first { $0.kind == .video } }

    /// The first audio section.
    public var audio: SDPMediaSection? { self.media.first { $0.kind == .audio } }

    /// The groups. Wire: `a=group`.
    public var groups: [SDPGroup] {
        self.sessionLines.values(ofAttribute: "group").compactMap { SDPGroup(attributeValue: $0) }
    }

    /// The sections that share one transport. Wire: `a=group:BUNDLE`; `nil` when nothing is bundled.
    public var bundle: SDPGroup? { self.groups.first { $0.semantics == "BUNDLE" } }

    /// Whether the writer is an ICE lite agent. Wire: `a=ice-lite`.
    public var isICELite: Bool { self.sessionLines.contains { $0.isAttribute("ice-lite") } }

    /// The candidates of all sections, each line once: bundled sections repeat them.
    public var candidates: [SDPCandidate] {
        var seen: Set<SDPCandidate> = []
        return self.media.flatMap(\.candidates).filter { seen.insert($0).inserted }
    }

    /// The name of the session. Wire: `s=`.
    public var sessionName: String? { self.sessionLines.first { $0.typeByte == UInt8(ascii: "s") }?.value }

    /// Whether every line ends in CR LF, nothing is empty and no byte order mark is in front.
    public var hasCanonicalLineEnds: Bool {
        !self.hasByteOrderMark
            && self.lines.allSatisfy { $0.ending == .carriageReturnLineFeed && !$0.bytes.isEmpty }
    }
}
