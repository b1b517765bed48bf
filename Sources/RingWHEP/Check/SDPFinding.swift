/// A problem that a check found in a description.
///
/// Holds no value from the description, so it can be logged.
public struct SDPFinding: Hashable, Sendable, CustomStringConvertible {
    /// The severity of a finding.
    public enum Severity: String, Hashable, Sendable {
        /// For information.
        case note
        /// Works with some peers only.
        case warning
        /// Cannot work.
        case error
    }

    /// The severity.
    public let severity: Severity
    /// The kind of finding.
    package let code: Code
    /// The number of the line, counted from 1; `nil` when a line is missing or the whole text is meant.
    public let line: Int?
    /// What was found.
    public let message: String
    /// What to do about it.
    public let fix: String

    init(severity: Severity, code: Code, line: Int? = nil, message: String, fix: String) {
        self.severity = severity
        self.code = code
        self.line = line
        self.message = message
        self.fix = fix
    }

    /// Everything in one line.
    public var description: String {
        let place = self.line.map { " line \($0)" } ?? ""
        return "\(self.severity)\(place): \(self.message); \(self.fix)"
    }

    /// A kind of finding.
    package enum Code: Hashable, Sendable {
        /// Line ends, byte order mark or empty lines that some engines reject.
        case lineEnds
        /// Blanks after values, or several between words.
        case blanks
        /// More media sections than any viewer has.
        case tooManySections
        /// No video section.
        case noVideo
        /// The video section has port 0.
        case videoRejected
        /// A data channel, which Ring does not support.
        case dataChannel
        /// The direction of a section is wrong.
        case direction
        /// Section names are missing, repeated or different from the offer's.
        case mid
        /// The sections do not share one transport, or the bundle names unknown sections.
        case bundle
        /// No ICE candidate.
        case noCandidates
        /// Candidates that the other side cannot reach from outside.
        case unreachableCandidates
        /// A candidate line that cannot be parsed.
        case unreadableCandidate
        /// ICE credentials are missing, or of a length that RFC 8839 forbids.
        case iceCredentials
        /// No certificate hash, or a weak one.
        case fingerprint
        /// The DTLS role is wrong.
        case setup
        /// RTP and RTCP do not share a port.
        case rtcpMux
        /// No H.264 format.
        case noH264
        /// H.264 without packetization mode 1.
        case packetizationMode
        /// An H.264 `profile-level-id` that cannot be parsed.
        case h264Profile
        /// H.264 without a High profile.
        case noHighProfile
        /// The answer picks an H.264 Baseline profile.
        case baselineProfile
        /// Lost packets are not sent again.
        case noRetransmission
        /// The answer has no sections, or others than the offer.
        case sectionCount
        /// A section of the answer has another media type than the offer's.
        case sectionKind
        /// The video section sends nothing.
        case inactive
        /// The answer uses formats that were not offered.
        case formats
        /// A header extension has a direction suffix, or its number has two meanings in one transport.
        case extensionMapping
        /// A payload type has two meanings in one transport.
        case payloadType
        /// A source of RTP (SSRC) has two meanings in one transport.
        case source
        /// No `c=` line.
        case connection
        /// A transport protocol that WebRTC does not use.
        case transportProtocol
    }
}

extension Sequence<SDPFinding> {
    /// The findings that make a negotiation pointless.
    public var errors: [SDPFinding] { self.filter { $0.severity == .error } }
}
