extension SDPFragment {
    /// Reads a fragment, for example the server's answer to an ICE restart.
    ///
    /// Credentials may stand in front of the section or inside it; several sections are read as one, since they share
    /// a transport.
    ///
    /// - Throws: ``SDPError`` when the text is no fragment, too long, or lacks credentials.
    public init(parsing bytes: [UInt8], maximumBytes: Int = .max) throws(SDPError) {
        guard bytes.count <= maximumBytes else {
            throw SDPError(code: .tooLarge, message: "\(bytes.count) bytes, accepted are \(maximumBytes)")
        }
        let lines = SDPLineReader.lines(of: bytes[...])
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
}
