/// Line ends that `encoded()` puts right.
enum SDPLineEndCheck {
    static func findings(_ sdp: SDP) -> [SDPFinding] {
        guard !sdp.hasCanonicalLineEnds else { return [] }
        let line = sdp.lines.firstIndex { $0.ending != .carriageReturnLineFeed || $0.bytes.isEmpty }
        return [
            SDPFinding(
                severity: .note, code: .lineEnds, line: line.map { $0 + 1 } ?? 1,
                message: sdp.hasByteOrderMark ? "a byte order mark in front" : "a line that does not end in CR LF",
                fix: "nothing: it is sent with CR LF; keep text-mode file functions away from descriptions")
        ]
    }
}
