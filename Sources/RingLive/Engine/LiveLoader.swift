internal import CRingGStreamer
internal import Synchronization

/// Loads GStreamer, and says what to install when it is missing.
enum LiveLoader {
    /// The Debian packages that live video needs.
    static let packages =
        "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice"

    private static let receiving = [
        "webrtcbin", "nicesrc", "dtlssrtpdec", "srtpdec", "rtpbin", "rtph264depay", "rtpopusdepay", "fakesink",
    ]

    private static let outcome = Mutex<Result<Void, RingLiveError>?>(nil)

    /// Loads GStreamer on a thread of its own, because the first time may take seconds.
    ///
    /// - Throws: `RingLiveError` with `engineMissing`.
    static func load() async throws(RingLiveError) {
        if let outcome = self.outcome.withLock({ $0 }) { return try outcome.get() }
        let outcome = await LiveThread.run { () -> Result<Void, RingLiveError> in
            guard let missing = Self.missing() else { return .success(()) }
            return .failure(Self.error(missing))
        }
        self.outcome.withLock { $0 = outcome }
        try outcome.get()
    }

    /// The error for something that is missing.
    static func error(_ missing: String) -> RingLiveError {
        RingLiveError(
            .engineMissing,
            "live video needs GStreamer 1.20 or later: \(missing); install the Debian packages \(self.packages)")
    }

    /// The first of several elements that is installed, once GStreamer is loaded.
    static func firstInstalled(_ elements: [String]) -> String? {
        elements.first { unsafe ring_gst_has_element($0) }
    }

    private static func missing() -> String? {
        if let reason = unsafe ring_gst_load() { return unsafe String(cString: reason) }
        let version = ring_gst_version()
        guard version >= 1 << 16 | 20 << 8 else {
            return "version \(version >> 16).\(version >> 8 & 0xff) is installed"
        }
        guard let element = self.receiving.first(where: { unsafe !ring_gst_has_element($0) }) else { return nil }
        return "the element \(element) is not installed"
    }
}

/// Runs work that blocks on a thread of its own.
enum LiveThread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Self.begin { continuation.resume(returning: work()) }
        }
    }

    /// Begins the work, and waits for nothing.
    static func begin(_ work: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Work(work))
        let runs = unsafe ring_gst_run(
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, box.toOpaque())
        // Without a thread it blocks one of Swift's, which is better than no work at all.
        if !runs { unsafe box.takeRetainedValue().run() }
    }
}
