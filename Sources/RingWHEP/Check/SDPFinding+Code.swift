extension SDPFinding {
    /// A kind of finding. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case lineEnds, tooManySections, noVideo, videoRejected, dataChannel, direction, mid, bundle
            case noCandidates, unreachableCandidates, unreadableCandidate, iceCredentials, fingerprint, setup, rtcpMux
            case noH264, packetizationMode, h264Profile, noHighProfile
            case sectionCount, sectionKind, inactive, formats, extensionMapping, transportProtocol
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The name of the kind.
        public var description: String { self.value.rawValue }

        /// Line ends, byte order mark or empty lines that some engines refuse.
        public static let lineEnds = Self(.lineEnds)
        /// More media sections than any viewer has.
        public static let tooManySections = Self(.tooManySections)
        /// No video section.
        public static let noVideo = Self(.noVideo)
        /// The video section has port 0.
        public static let videoRejected = Self(.videoRejected)
        /// A data channel, which Ring does not have.
        public static let dataChannel = Self(.dataChannel)
        /// A section's direction does not fit.
        public static let direction = Self(.direction)
        /// Section names are missing, repeated or different from the offer's.
        public static let mid = Self(.mid)
        /// The sections do not share one transport, or the bundle names strangers.
        public static let bundle = Self(.bundle)
        /// No ICE candidate.
        public static let noCandidates = Self(.noCandidates)
        /// Candidates that the other side cannot reach from outside.
        public static let unreachableCandidates = Self(.unreachableCandidates)
        /// A candidate line that cannot be read.
        public static let unreadableCandidate = Self(.unreadableCandidate)
        /// ICE credentials are missing, or of a length RFC 8839 forbids.
        public static let iceCredentials = Self(.iceCredentials)
        /// No certificate hash, or a weak one.
        public static let fingerprint = Self(.fingerprint)
        /// The DTLS role does not fit.
        public static let setup = Self(.setup)
        /// RTP and RTCP do not share a port.
        public static let rtcpMux = Self(.rtcpMux)
        /// No H.264 format.
        public static let noH264 = Self(.noH264)
        /// H.264 without packetization mode 1.
        public static let packetizationMode = Self(.packetizationMode)
        /// An H.264 `profile-level-id` that cannot be read.
        public static let h264Profile = Self(.h264Profile)
        /// H.264 without a High profile.
        public static let noHighProfile = Self(.noHighProfile)
        /// The answer has fewer sections than the offer.
        public static let sectionCount = Self(.sectionCount)
        /// A section of the answer is of another kind than the offer's.
        public static let sectionKind = Self(.sectionKind)
        /// The video section sends nothing.
        public static let inactive = Self(.inactive)
        /// The answer uses formats that were not offered.
        public static let formats = Self(.formats)
        /// A header extension has a direction suffix.
        public static let extensionMapping = Self(.extensionMapping)
        /// A transport protocol that WebRTC does not use.
        public static let transportProtocol = Self(.transportProtocol)
    }
}
