/// The part of a description that ICE may change while a session runs.
///
/// Sent as `application/trickle-ice-sdpfrag` in a PATCH: further candidates, or new credentials for an ICE restart.
///
/// Wire: RFC 8840 sections 4.4 and 9; WHEP section 4.4. `description` prints no values.
public struct SDPFragment: Hashable, Sendable {
    /// The name of the section that carries the transport. Wire: `a=mid`.
    public let mid: String
    /// The user name of the ICE agent. Wire: `a=ice-ufrag`.
    public let userFragment: String
    /// The password of the ICE agent; a secret of the session. Wire: `a=ice-pwd`.
    public let password: String
    /// The candidates, as WebRTC engines write and accept them: `candidate:1 1 udp …`.
    public let candidates: [String]
    /// Whether no further candidates follow. Wire: `a=end-of-candidates`.
    package let isComplete: Bool
    /// The bundle, when there is one. Wire: `a=group:BUNDLE`.
    private let bundle: SDPGroup?
    /// The `m=` line of the section that carries the bundle, without `m=`.
    package let mediaLine: String

    /// Creates a fragment for an offer.
    ///
    /// - Parameters:
    ///   - offer: The local description. Its bundle, section and credentials are used.
    ///   - candidates: The candidates gathered since the offer, as the engine writes them; `nil` takes those in the offer.
    ///   - isComplete: Whether gathering has ended.
    /// - Throws: ``SDPError`` when the offer has no section with `a=mid` and ICE credentials, or a candidate is invalid.
    public init(offer: SDP, candidates: [String]? = nil, isComplete: Bool = true) throws(SDPError) {
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
        var parsed = section.candidates
        if let candidates {
            parsed = candidates.compactMap { SDPCandidate(attributeValue: $0) }
            guard parsed.count == candidates.count else {
                throw SDPError(
                    code: .incompleteFragment,
                    message: "a candidate is invalid; pass candidates as the engine writes them")
            }
        }
        self.init(
            bundle: offer.bundle, mediaLine: line.value, mid: mid, credentials: credentials, candidates: parsed,
            isComplete: isComplete)
    }

    /// Parses a fragment, for example one from a browser, or the server's response to an ICE restart.
    ///
    /// Credentials may stand before the section or inside it. Several sections are read as one, because they share a
    /// transport. Candidates that cannot be parsed are omitted.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - maximumBytes: The maximum length of the text.
    /// - Throws: ``SDPError`` when the text is not a fragment, is too long, or lacks credentials.
    public init(parsing bytes: [UInt8], maximumBytes: Int = .max) throws(SDPError) {
        guard bytes.count <= maximumBytes else {
            throw SDPError(code: .tooLarge, message: "\(bytes.count) bytes, the maximum is \(maximumBytes)")
        }
        let lines = SDPLineReader.lines(of: bytes)
        guard lines.contains(where: { !$0.bytes.isEmpty }) else {
            throw SDPError(code: .empty, message: "the fragment is empty")
        }
        try SDPLineReader.check(lines)
        guard let userFragment = lines.firstValue(ofAttribute: "ice-ufrag"),
            let password = lines.firstValue(ofAttribute: "ice-pwd")
        else {
            throw SDPError(code: .incompleteFragment, message: "the fragment lacks a=ice-ufrag or a=ice-pwd")
        }
        let credentials = SDPICECredentials(userFragment: userFragment, password: password)
        guard credentials.hasValidLengths else {
            throw SDPError(code: .incompleteFragment, message: "ICE credentials of a length that RFC 8839 forbids")
        }
        let media = lines.first { $0.typeByte == UInt8(ascii: "m") }
        self.init(
            bundle: lines.firstValue(ofAttribute: "group").flatMap { SDPGroup(attributeValue: $0) },
            mediaLine: media?.value ?? "video 9 UDP/TLS/RTP/SAVPF 0",
            mid: lines.firstValue(ofAttribute: "mid") ?? "0", credentials: credentials,
            candidates: lines.values(ofAttribute: "candidate").compactMap { SDPCandidate(attributeValue: $0) },
            isComplete: lines.contains { $0.isAttribute("end-of-candidates") })
    }

    private init(
        bundle: SDPGroup?, mediaLine: String, mid: String, credentials: SDPICECredentials, candidates: [SDPCandidate],
        isComplete: Bool
    ) {
        self.bundle = bundle
        self.mediaLine = mediaLine
        self.mid = mid
        self.userFragment = credentials.userFragment
        self.password = credentials.password
        self.candidates = candidates.map { "candidate:" + $0.attributeValue }
        self.isComplete = isComplete
    }

    /// The text to send: the body of the PATCH, or the response to a browser.
    public var text: String {
        var lines: [String] = []
        if let bundle = self.bundle {
            lines.append("a=group:" + ([bundle.semantics] + bundle.members).joined(separator: " "))
        }
        lines += ["m=" + self.mediaLine, "a=mid:" + self.mid]
        lines += ["a=ice-ufrag:" + self.userFragment, "a=ice-pwd:" + self.password]
        lines += self.candidates.map { "a=" + $0 }
        if self.isComplete { lines.append("a=end-of-candidates") }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}

extension SDPFragment: CustomStringConvertible, CustomReflectable {
    /// The number of candidates, never addresses or passwords.
    public var description: String { "SDP fragment (\(self.candidates.count) candidates)" }

    /// Has no children, so that `dump` cannot print the password.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
