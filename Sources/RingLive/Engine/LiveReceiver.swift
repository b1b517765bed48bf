internal import CRingGStreamer
internal import RingCore
internal import Synchronization

/// One peer of GStreamer, and the way from its callbacks into Swift. It lives until GStreamer has ended it.
final class LiveReceiver: Sendable {
    struct Handlers: Sendable {
        var event: @Sendable (ring_gst_receiver_event, _ text: String) -> Void
        var unit: @Sendable (_ isAudio: Bool, [UInt8], _ time: Duration?) -> Void
    }

    /// `@safe` and `@unchecked Sendable`: GStreamer's objects may be used by any thread. The mutex around it lets one call at a time
    /// reach it, and none after it was taken away to be closed.
    @safe
    private struct Pointer: @unchecked Sendable {
        let raw: OpaquePointer
    }

    private let handlers: Handlers
    private let pointer = Mutex<Pointer?>(nil)
    /// The offer with all candidates.
    let offered = RingFirstResult<String>()
    /// Whether the answer was accepted.
    let answered = RingFirstResult<Void>()
    private let closed = RingFirstResult<Void>()

    private init(_ handlers: Handlers) { self.handlers = handlers }

    /// - Throws: `RingLiveError` with `engineFailed` when there is no memory or no thread.
    static func make(
        latency: UInt32, firstLatency: UInt32, hasAudio: Bool, hasLoopback: Bool, servers: LiveICEServers,
        handlers: Handlers
    ) throws(RingLiveError) -> LiveReceiver {
        let receiver = LiveReceiver(handlers)
        let context = unsafe Unmanaged.passRetained(receiver)
        var callbacks = unsafe Self.callbacks(context.toOpaque())
        let made = unsafe Self.withCStrings(servers.turn) { turn in
            unsafe Self.withCString(servers.stun) { stun in
                var options = unsafe ring_gst_receiver_options(
                    latency: latency, first_latency: firstLatency, has_audio: hasAudio, has_loopback: hasLoopback,
                    stun_server: stun, turn_servers: turn.baseAddress, turn_server_count: turn.count)
                return unsafe ring_gst_receiver_make(&options, &callbacks)
            }
        }
        guard let made = unsafe made else {
            unsafe context.release()
            throw RingLiveError(.engineFailed, "no thread can be made for live video; close other sessions first")
        }
        let pointer = unsafe Pointer(raw: made)
        receiver.pointer.withLock { $0 = pointer }
        return receiver
    }

    func stopGathering() { self.use { unsafe ring_gst_receiver_stop_gathering($0.raw) } }

    func answer(_ sdp: String) {
        self.use { pointer in unsafe sdp.withCString { unsafe ring_gst_receiver_answer(pointer.raw, $0) } }
    }

    func requestKeyFrame() { self.use { unsafe ring_gst_receiver_request_key_frame($0.raw) } }

    /// `nil` after the end.
    func count() -> ring_gst_receiver_statistics? { self.use { unsafe ring_gst_receiver_count($0.raw) } }

    /// Ends the reception and waits for its end. Only the first call does both; no callback is called afterwards.
    func close() async {
        let pointer = self.pointer.withLock { pointer in
            defer { pointer = nil }
            return pointer
        }
        guard let pointer else { return }
        unsafe ring_gst_receiver_close(pointer.raw)
        // The result is always a success.
        _ = try? await self.closed.value()
    }

    private func use<Value: Sendable>(_ work: (Pointer) -> Value) -> Value? {
        self.pointer.withLock { pointer in pointer.map(work) }
    }

    // MARK: Callbacks

    private static func from(_ context: UnsafeMutableRawPointer?) -> LiveReceiver? {
        unsafe context.map { unsafe Unmanaged<LiveReceiver>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        unsafe pointer.map { unsafe String(cString: $0) }
    }

    private static func callbacks(_ context: UnsafeMutableRawPointer) -> ring_gst_receiver_callbacks {
        unsafe ring_gst_receiver_callbacks(
            context: context,
            offered: { context, sdp, failure in
                let result: Result<String, any Error> =
                    if let sdp = unsafe LiveReceiver.text(sdp) {
                        .success(sdp)
                    } else {
                        .failure(LiveReceiver.failure("no offer could be made", unsafe LiveReceiver.text(failure)))
                    }
                unsafe LiveReceiver.from(context)?.offered.finish(result)
            },
            answered: { context, failure in
                let failure = unsafe LiveReceiver.text(failure)
                unsafe LiveReceiver.from(context)?.answered.finish(
                    failure.map { .failure(LiveReceiver.failure("the answer was not accepted", $0)) } ?? .success(()))
            },
            event: { context, event, text in
                unsafe LiveReceiver.from(context)?.handlers.event(event, LiveReceiver.text(text) ?? "")
            },
            unit: { context, isAudio, bytes, count, nanoseconds in
                let unit = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
                let time = nanoseconds == .max ? nil : Duration.nanoseconds(Int64(clamping: nanoseconds))
                unsafe LiveReceiver.from(context)?.handlers.unit(isAudio, unit, time)
            },
            closed: { context in
                guard let context = unsafe context else { return }
                let receiver = unsafe Unmanaged<LiveReceiver>.fromOpaque(context).takeRetainedValue()
                let error = LiveReceiver.failure("the session was closed", nil)
                receiver.offered.finish(.failure(error))
                receiver.answered.finish(.failure(error))
                receiver.closed.finish(.success(()))
            })
    }

    static func failure(_ what: String, _ why: String?) -> RingLiveError {
        RingLiveError(.engineFailed, "GStreamer: \(what)\(why.map { " (\($0))" } ?? "")")
    }

    private static func withCString<Value>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Value) -> Value {
        guard let text else { return body(nil) }
        return unsafe text.withCString { unsafe body($0) }
    }

    private static func withCStrings<Value>(
        _ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let bytes = texts.map { Array($0.utf8CString) }
        func next(_ pointers: [UnsafePointer<CChar>?]) -> Value {
            guard unsafe pointers.count < bytes.count else { return unsafe pointers.withUnsafeBufferPointer(body) }
            return unsafe bytes[pointers.count].withUnsafeBufferPointer { unsafe next(pointers + [$0.baseAddress]) }
        }
        return unsafe next([])
    }
}
