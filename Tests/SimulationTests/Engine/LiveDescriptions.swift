/// A small SDP offer, and an answer to it.
enum LiveDescriptions {
    private static func lines(_ direction: String, _ setup: String, _ user: String) -> String {
        [
            "v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=video 40000 UDP/TLS/RTP/SAVPF 99", "c=IN IP4 192.0.2.1", "a=\(direction)", "a=mid:0", "a=rtcp-mux",
            "a=rtpmap:99 H264/90000",
            "a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
            "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host", "a=end-of-candidates", "a=ice-ufrag:\(user)",
            "a=ice-pwd:YeOpygyIBgpILo8y1XnoGI",
            "a=fingerprint:sha-256 "
                + (0..<32).map { "0\(String($0 % 16, radix: 16, uppercase: true))" }.joined(separator: ":"),
            "a=setup:\(setup)",
        ].map { $0 + "\r\n" }.joined()
    }

    static let sdpOffer = Self.lines("recvonly", "actpass", "FwrN")
    static let sdpAnswer = Self.lines("sendonly", "active", "AnsW")
}
