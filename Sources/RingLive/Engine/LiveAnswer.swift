package import RingWHEP

/// What GStreamer is given of an answer.
///
/// It makes names of attributes and of their parameters, and keeps them for the life of the process: memory would grow with
/// what a peer makes up. And libnice may end the process when one address is two candidates of different kinds.
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

    /// The answer without what GStreamer does not need.
    package static func text(of answer: SDP) -> String {
        var kinds: [String: String] = [:]
        var result = ""
        for line in answer.text.split(whereSeparator: { ["\r\n", "\n", "\r"].contains($0) }) {
            guard let line = Self.line(line, &kinds) else { continue }
            result += line + "\r\n"
        }
        return result
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
            guard words.count >= 8 else { return nil }
            let address = "\(words[1]) \(words[2].lowercased()) \(words[4].lowercased()) \(words[5])"
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
