/// The part of a description that ICE may change while a session runs.
///
/// Sent as `application/trickle-ice-sdpfrag` in a PATCH: further candidates, or new credentials for an ICE restart.
///
/// Wire: RFC 8840 section 4.4 and 9; WHEP section 4.4. The description prints no values.
public struct SDPFragment: Hashable, Sendable {
    /// The bundle, when there is one. Wire: `a=group:BUNDLE`.
    public var bundle: SDPGroup?
    /// The `m=` line of the section that carries the bundle, without `m=`.
    public var mediaLine: String
    /// Its name. Wire: `a=mid`.
    public var mid: String
    /// The credentials that the candidates belong to.
    public var credentials: SDPICECredentials
    /// The candidates.
    public var candidates: [SDPCandidate]
    /// Whether no more will follow. Wire: `a=end-of-candidates`.
    public var isComplete: Bool

    /// Creates a fragment from its parts.
    public init(
        bundle: SDPGroup? = nil, mediaLine: String, mid: String, credentials: SDPICECredentials,
        candidates: [SDPCandidate] = [], isComplete: Bool = false
    ) {
        self.bundle = bundle
        self.mediaLine = mediaLine
        self.mid = mid
        self.credentials = credentials
        self.candidates = candidates
        self.isComplete = isComplete
    }

    /// Creates the fragment that belongs to an offer.
    ///
    /// - Parameters:
    ///   - offer: The local description, whose bundle, section and credentials are used.
    ///   - candidates: What was gathered since; `nil` takes those in the offer.
    ///   - isComplete: Whether gathering has ended.
    /// - Throws: ``SDPError`` when the offer has no section with `a=mid` and ICE credentials.
    public init(offer: SDP, candidates: [SDPCandidate]? = nil, isComplete: Bool = true) throws(SDPError) {
        let active = offer.media.filter { !$0.isRejected }
        let tagged = offer.bundle?.members.first.flatMap { name in active.first { $0.mid == name } } ?? active.first
        guard let section = tagged, let line = section.lines.first else {
            throw SDPError(code: .noMediaSection, message: "the offer has no media section")
        }
        guard let mid = section.mid, let credentials = section.iceCredentials else {
            throw SDPError(
                code: .incompleteFragment, line: section.lineNumber,
                message: "a fragment needs a=mid, a=ice-ufrag and a=ice-pwd")
        }
        self.init(
            bundle: offer.bundle, mediaLine: line.value, mid: mid, credentials: credentials,
            candidates: candidates ?? section.candidates, isComplete: isComplete)
    }

    /// The body of the PATCH.
    public func encoded() -> [UInt8] {
        var lines: [String] = []
        if let bundle = self.bundle {
            lines.append("a=group:" + ([bundle.semantics] + bundle.members).joined(separator: " "))
        }
        lines += ["m=" + self.mediaLine, "a=mid:" + self.mid]
        lines += ["a=ice-ufrag:" + self.credentials.userFragment, "a=ice-pwd:" + self.credentials.password]
        lines += self.candidates.map { "a=candidate:" + $0.attributeValue }
        if self.isComplete { lines.append("a=end-of-candidates") }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }
}

extension SDPFragment: CustomStringConvertible, CustomReflectable {
    /// Counts, never addresses or passwords.
    public var description: String { "SDP fragment (\(self.candidates.count) candidates)" }

    /// Shows no children, so that `dump` cannot print the password.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
