internal import CRingGStreamer
internal import RingCore
internal import Synchronization

/// GStreamer's decoder: calls reach it until it is closed, and never after. It blocks no thread of Swift.
final class PictureDecoder: Sendable {
    /// What the pictures become.
    enum Output: Sendable {
        case jpeg(quality: Int)
        /// Eight bits a pixel; every picture is at least an interval later than the one before.
        case gray(width: Int, interval: Duration)
    }

    struct Picture: Sendable {
        var bytes: [UInt8]
        var width: Int
        var height: Int
        /// Whether black is 0 and white 255, instead of 16 and 235.
        var isFullRange: Bool
        var time: Duration
    }

    /// `@safe` and `@unchecked Sendable`: GStreamer's objects may be used by any thread. The mutex around it lets one call at a time
    /// reach it, and none after it was taken away to be closed.
    @safe
    private struct Pointer: @unchecked Sendable {
        let raw: OpaquePointer
    }

    /// What the decoder's thread tells.
    private final class Link: Sendable {
        struct State: Sendable {
            var isWanted = false
            var pictureCount = 0
            var hasEnded = false
            var failure: String?
        }

        let state = Mutex(State())
        let changed = RingSignal()
        let receive: @Sendable (Picture) -> Void

        init(_ receive: @escaping @Sendable (Picture) -> Void) { self.receive = receive }

        func change(_ body: (inout State) -> Void) {
            self.state.withLock { body(&$0) }
            self.changed.signal()
        }
    }

    /// How long one picture may take.
    private static let timeout = Duration.seconds(5)

    private let pointer: Mutex<Pointer?>
    private let link: Link

    private init(_ pointer: Pointer, _ link: Link) {
        self.pointer = Mutex(pointer)
        self.link = link
    }

    deinit {
        // One that nobody closed; the thread ends it.
        guard let pointer = self.take() else { return }
        let link = self.link
        LiveThread.begin { Self.close(pointer, link) }
    }

    // MARK: Making

    /// The element that decodes.
    ///
    /// - Throws: `RingLiveError` with `engineMissing` when something that is needed is not installed.
    static func element(for output: Output) async throws(RingLiveError) -> String {
        try await LiveLoader.load()
        let last = if case .jpeg = output { "jpegenc" } else { "videoscale" }
        for needed in ["h264parse", "videoconvert", "appsrc", last] where LiveLoader.firstInstalled([needed]) == nil {
            throw LiveLoader.error("the element \(needed) is not installed")
        }
        guard let element = LiveLoader.firstInstalled(["openh264dec", "avdec_h264"]) else {
            throw LiveLoader.error("pictures need a decoder, openh264dec or avdec_h264 (gstreamer1.0-libav)")
        }
        return element
    }

    /// - Parameter receive: Called with each picture, by the decoder's thread.
    /// - Throws: `RingLiveError` with `decodingFailed`.
    static func make(
        _ element: String, _ output: Output, receive: @escaping @Sendable (Picture) -> Void
    ) async throws(RingLiveError) -> PictureDecoder {
        let link = Link(receive)
        let result = await LiveThread.run { Self.begin(element, output, link) }
        return PictureDecoder(try result.get(), link)
    }

    private static func begin(_ element: String, _ output: Output, _ link: Link) -> Result<Pointer, RingLiveError> {
        let context = unsafe Unmanaged.passRetained(link)
        var callbacks = unsafe Self.callbacks(context.toOpaque())
        var failure = [CChar](repeating: 0, count: 200)
        let made = unsafe element.withCString { element in
            var options = unsafe ring_gst_decoder_options()
            unsafe options.element = element
            switch output {
            case .jpeg(let quality): unsafe options.quality = UInt32(clamping: min(max(quality, 1), 100))
            case .gray(let width, let interval):
                unsafe options.width = UInt32(clamping: width)
                unsafe options.interval = UInt64(clamping: Int64(interval / .nanoseconds(1)))
            }
            return unsafe ring_gst_decoder_make(&options, &callbacks, &failure)
        }
        guard let made = unsafe made else {
            unsafe context.release()
            return .failure(
                Self.error(String(decoding: failure.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)))
        }
        return .success(unsafe Pointer(raw: made))
    }

    private static func callbacks(_ context: UnsafeMutableRawPointer) -> ring_gst_decoder_callbacks {
        unsafe ring_gst_decoder_callbacks(
            context: context,
            wanted: { context in unsafe PictureDecoder.link(context)?.change { $0.isWanted = true } },
            picture: { context, bytes, count, width, height, isFull, nanoseconds in
                guard let link = unsafe PictureDecoder.link(context) else { return }
                link.receive(
                    Picture(
                        bytes: unsafe Array(UnsafeBufferPointer(start: bytes, count: count)), width: Int(width),
                        height: Int(height), isFullRange: isFull,
                        time: nanoseconds == .max ? .zero : .nanoseconds(Int64(clamping: nanoseconds))))
                link.change { $0.pictureCount += 1 }
            },
            ended: { context, failure in
                let failure = unsafe failure.map { unsafe String(cString: $0) }
                unsafe PictureDecoder.link(context)?.change { ($0.hasEnded, $0.failure) = (true, failure) }
            })
    }

    private static func link(_ context: UnsafeMutableRawPointer?) -> Link? {
        unsafe context.map { unsafe Unmanaged<Link>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Use

    /// How many pictures came.
    var pictureCount: Int { self.link.state.withLock { $0.pictureCount } }

    /// Decodes one access unit, and returns when the next one can be decoded; earlier when the task is cancelled.
    ///
    /// - Throws: `RingLiveError` with `decodingFailed`. The decoder is of no use then.
    func decode(_ unit: RingLiveAccessUnit) async throws(RingLiveError) {
        self.push(unit)
        try await self.wait { $0.isWanted }
    }

    /// Decodes one key frame, and nothing after it.
    ///
    /// - Throws: `RingLiveError` with `decodingFailed`.
    func decodeOnly(_ unit: RingLiveAccessUnit) async throws(RingLiveError) {
        self.push(unit)
        self.use { unsafe ring_gst_decoder_finish($0.raw) }
        try await self.wait { $0.pictureCount > 0 }
    }

    /// Ends it, and waits for its end.
    func close() async {
        guard let pointer = self.take() else { return }
        let link = self.link
        await LiveThread.run { Self.close(pointer, link) }
    }

    private func push(_ unit: RingLiveAccessUnit) {
        self.link.state.withLock { $0.isWanted = false }
        let time = UInt64(clamping: unit.presentationTime.ticks(1_000_000_000))
        self.use { unsafe ring_gst_decoder_push($0.raw, unit.bytes, unit.bytes.count, time) }
    }

    private func wait(until isDone: @escaping @Sendable (Link.State) -> Bool) async throws(RingLiveError) {
        let link = self.link
        let isSettled = await link.changed.wait(
            until: { link.state.withLock { isDone($0) || $0.hasEnded } }, atMost: Self.timeout, in: RingEnvironment())
        let state = link.state.withLock { $0 }
        if isDone(state) || (!isSettled && Task.isCancelled) { return }
        throw Self.error(state.failure ?? (state.hasEnded ? "it holds no picture" : "no picture after \(Self.timeout)"))
    }

    private static func error(_ reason: String) -> RingLiveError {
        RingLiveError(.decodingFailed, "the video cannot be decoded (\(reason))")
    }

    private func use(_ work: (Pointer) -> Void) { self.pointer.withLock { pointer in _ = pointer.map(work) } }

    private func take() -> Pointer? {
        self.pointer.withLock { pointer in
            defer { pointer = nil }
            return pointer
        }
    }

    private static func close(_ pointer: Pointer, _ link: Link) {
        unsafe ring_gst_decoder_close(pointer.raw)
        // The callbacks' reference.
        unsafe Unmanaged.passUnretained(link).release()
    }
}
