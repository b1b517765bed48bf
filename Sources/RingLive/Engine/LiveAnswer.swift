package import RingWHEP

/// What GStreamer is given of an answer.
///
/// It makes names of attributes and of their parameters, and keeps them for the life of the process: memory would grow with
/// what a peer makes up. And libnice may end the process when one address is two candidates of different kinds.
///
/// It wants the attributes of the transport in every section, rejected ones included, where an answer may leave them to the
/// session or to the first section of a bundle (RFC 9143 section 7.1.3).
package enum LiveAnswer {
    /// The attributes that webrtcbin reads in an answer to our offers.
    private static let attributes: Set<Substring> = [
        "bundle-only", "candidate", "end-of-candidates", "fingerprint", "fmtp", "group", "ice-lite", "ice-options",
        "ice-pwd", "ice-ufrag", "inactive", "mid", "msid", "msid-semantic", "recvonly", "rtcp", "rtcp-fb", "rtcp-mux",
        "rtcp-rsize", "rtpmap", "sendonly", "sendrecv", "setup", "ssrc",
    ]
    private static let feedback: Set<Substring> = ["ccm fir", "goog-remb", "nack", "nack pli", "transport-cc"]
    /// The parameters of H.264 (RFC 6184, 8.1), of its retransmission (RFC 4588) and of Opus (RFC 7587).
    private static let parameters: Set<String> = [
        "apt", "cbr", "level-asymmetry-allowed", "max-br", "max-cpb", "max-dpb", "max-fs", "max-mbps", "max-smbps",
        "maxaveragebitrate", "maxplaybackrate", "maxptime", "minptime", "packetization-mode", "profile-level-id",
        "ptime", "rtx-time", "sprop-maxcapturerate", "sprop-parameter-sets", "sprop-stereo", "stereo", "usedtx",
        "useinbandfec",
    ]

    /// The attributes that describe the transport of a section.
    private static let transport: Set<Substring> = ["fingerprint", "ice-pwd", "ice-ufrag", "setup"]

    /// The answer without what GStreamer does not need, and with what it needs.
    package static func text(of answer: SDP) -> String {
        var kinds: [String: String] = [:]
        var result = ""
        var transport = LiveAnswerTransport(of: -1, in: answer)
        for line in answer.text.split(whereSeparator: { ["\r\n", "\n", "\r"].contains($0) }) {
            if line.hasPrefix("m=") {
                result += transport.missing
                transport = LiveAnswerTransport(of: transport.index + 1, in: answer)
            }
            if line.hasPrefix("a="), Self.transport.contains(line.dropFirst(2).prefix { $0 != ":" }) {
                if transport.isReplaced { continue }
                transport.hasRole = transport.hasRole || line.hasPrefix("a=setup:")
            }
            guard let line = Self.line(line, &kinds) else { continue }
            result += line + "\r\n"
        }
        return result + transport.missing
    }

    /// - Parameter kinds: The kind of the candidate of each address so far.
    private static func line(_ line: Substring, _ kinds: inout [String: String]) -> String? {
        guard line.hasPrefix("a=") else { return String(line) }
        let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, Self.attributes.contains(name) else { return nil }
        let value = parts.count > 1 ? parts[1] : ""
        switch name {
        case "candidate":
            let words = value.split(separator: " ")
            // RTP and RTCP; for TCP a role is needed (RFC 6544 section 4.5). libnice reports others to standard error.
            guard words.count >= 8, let component = Int(words[1]), (1...2).contains(component),
                let port = Int(words[5]),
                words[2].lowercased() != "tcp" || words.contains("tcptype")
            else { return nil }
            let address = "\(component) \(words[2].lowercased()) \(words[4].lowercased()) \(port)"
            guard kinds[address, default: String(words[7])] == words[7] else { return nil }
            kinds[address] = String(words[7])
        case "rtcp-fb":
            guard let blank = value.firstIndex(of: " "), Self.feedback.contains(value[value.index(after: blank)...])
            else {
                return nil
            }
        case "fmtp":
            guard let blank = value.firstIndex(of: " ") else { return nil }
            let known = value[blank...].split(separator: ";").filter { parameter in
                let name = parameter.prefix { $0 != "=" }.filter { $0 != " " }
                return Self.parameters.contains(name.lowercased())
            }
            let parameters = known.joined(separator: ";").drop { $0 == " " }
            return known.isEmpty ? nil : "a=fmtp:\(value[..<blank]) \(parameters)"
        default: break
        }
        return String(line)
    }
}

/// What a section leaves to the session or to another section.
private struct LiveAnswerTransport {
    let index: Int
    /// Whether a bundle has another transport than the section describes.
    let isReplaced: Bool
    /// Whether the section has a DTLS role of its own.
    var hasRole = false
    private let section: SDPMediaSection?
    private let donor: SDPMediaSection?

    /// - Parameter index: The section's, or -1 before the first.
    init(of index: Int, in answer: SDP) {
        self.index = index
        let section = answer.media.indices.contains(index) ? answer.media[index] : nil
        let accepted = answer.media.filter { !$0.isRejected }
        let members = answer.bundle?.members ?? []
        let carrier = members.first.flatMap { name in accepted.first { $0.mid == name } }
        self.section = section
        self.donor = carrier ?? accepted.first
        // The first section of a bundle describes the transport of all (RFC 9143 section 7.1.3).
        self.isReplaced =
            section.map { section in
                guard let carrier, let mid = section.mid, mid != carrier.mid, members.contains(mid) else {
                    return false
                }
                return section.iceCredentials != carrier.iceCredentials || section.fingerprints != carrier.fingerprints
                    || section.setup != carrier.setup
            } ?? false
    }

    /// The lines that are to be added to the section.
    var missing: String {
        guard let section, let donor else { return "" }
        var lines: [String] = []
        let own = self.isReplaced ? donor : section
        // An answer without a role means `active` to all engines.
        let role = own.setup ?? donor.setup ?? (donor.iceCredentials == nil ? nil : .active)
        if !self.hasRole, let role { lines.append("a=setup:" + role.rawValue) }
        if self.isReplaced || section.fingerprints.isEmpty {
            lines += donor.fingerprints.map { "a=fingerprint:\($0.algorithm) \($0.hash)" }
        }
        if self.isReplaced || section.iceCredentials == nil, let credentials = donor.iceCredentials {
            lines += ["a=ice-ufrag:" + credentials.userFragment, "a=ice-pwd:" + credentials.password]
        }
        return lines.map { $0 + "\r\n" }.joined()
    }
}
