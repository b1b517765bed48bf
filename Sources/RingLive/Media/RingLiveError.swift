/// Why live video did not come, or ended.
///
/// Switch on ``code``. The message holds no token, no SDP and no URL of a session, so it can be logged.
public struct RingLiveError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    public let code: Code
    /// What went wrong, where, and what to do.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// A stable word for scripts and logs.
        public let description: String

        private init(_ word: String) { self.description = word }

        /// GStreamer, or one of its plugins, is not installed. Nothing was sent to Ring.
        public static let engineMissing = Self("live_engine_missing")
        /// GStreamer reported an error.
        public static let engineFailed = Self("live_engine_failed")
        /// The answer has no H.264 video, or the camera sends something else.
        public static let noVideo = Self("live_no_video")
        /// No network path to the camera was found in time, or the path was lost.
        public static let connectionFailed = Self("live_connection_failed")
        /// The DTLS handshake failed.
        public static let handshakeFailed = Self("live_handshake_failed")
        /// No frame came for the idle timeout.
        public static let idle = Self("live_idle")
        /// The camera's side ended the media before its time.
        public static let peerStopped = Self("live_peer_stopped")
        /// No still picture could be made.
        public static let snapshotFailed = Self("live_snapshot_failed")
        /// The video cannot be decoded.
        public static let decodingFailed = Self("live_decoding_failed")
    }
}
