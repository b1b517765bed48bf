internal import RingCore

/// One decoded picture of a live session, for a program that looks at it.
public struct RingLivePicture: Sendable, Hashable {
    /// The brightness of each pixel, from 0 (black) to 255 (white): row by row from the top, each from the left, `width` times
    /// `height` bytes.
    public var luma: [UInt8]
    /// Its width in pixels.
    public var width: Int
    /// Its height in pixels.
    public var height: Int
    /// When it is to be shown, counted from the first unit of the session, as in ``RingLiveAccessUnit/presentationTime``.
    public var presentationTime: Duration

    /// Creates a picture by hand, for tests and other sources.
    public init(luma: [UInt8], width: Int, height: Int, presentationTime: Duration) {
        self.luma = luma
        self.width = width
        self.height = height
        self.presentationTime = presentationTime
    }

    /// From the range of video to that of a byte.
    private static let fullRange = (0...255).map { UInt8(clamping: (($0 - 16) * 255 + 109) / 219) }

    init(_ picture: PictureDecoder.Picture) {
        self.init(luma: [], width: picture.width, height: picture.height, presentationTime: picture.time)
        let stride = picture.bytes.count / max(picture.height, 1)
        // GStreamer fills up each row to a multiple of four bytes.
        if stride == picture.width {
            self.luma = picture.bytes
        } else {
            self.luma.reserveCapacity(picture.width * picture.height)
            for row in 0..<picture.height { self.luma += picture.bytes[row * stride..<row * stride + picture.width] }
        }
        if !picture.isFullRange { self.luma = self.luma.map { Self.fullRange[Int($0)] } }
    }
}

/// The decoded pictures of a session.
///
/// A reader that is too slow gets the newest picture, and misses those before it. The sequence finishes when the session was closed
/// or its time is over, and throws ``RingLiveError`` when the media failed or cannot be decoded. It also finishes when the task is
/// cancelled; decoding ends with the last reference to the sequence.
public struct RingLivePictures: AsyncSequence, Sendable {
    /// What the sequence throws.
    public typealias Failure = RingLiveError

    typealias Stream = AsyncStream<Result<RingLivePicture, RingLiveError>>

    let stream: Stream
    /// A session lives as long as somebody reads it.
    let session: RingLiveSession

    /// Makes an iterator. Several of them share the pictures.
    public func makeAsyncIterator() -> Iterator {
        Iterator(iterator: self.stream.makeAsyncIterator(), session: self.session)
    }

    /// Gives one picture after the other.
    public struct Iterator: AsyncIteratorProtocol {
        var iterator: Stream.Iterator
        let session: RingLiveSession

        /// The next picture; `nil` at the end.
        ///
        /// - Throws: ``RingLiveError`` when the media failed or cannot be decoded.
        public mutating func next() async throws -> RingLivePicture? {
            try await self.iterator.next(isolation: #isolation)?.get()
        }

        /// The next picture; `nil` at the end.
        ///
        /// - Throws: ``RingLiveError`` when the media failed or cannot be decoded.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RingLiveError) -> RingLivePicture? { try await self.iterator.next(isolation: actor)?.get() }
    }
}

/// One task at a time reads with it.
@available(*, unavailable) extension RingLivePictures.Iterator: Sendable {}

extension RingLiveSession {
    /// Decodes the video to small gray pictures, for a program that looks for movement or brightness.
    ///
    /// Every call decodes on its own, beside ``accessUnits``, so that a recording can go on. Each picture of the camera is decoded,
    /// whatever `maximumRate` says, because the next one builds on it: a 1080p camera takes a tenth of a core or more.
    ///
    /// <!-- given: session: RingLiveSession -->
    /// ```swift
    /// var last: RingLivePicture?
    /// for try await picture in try await session.pictures(width: 160, maximumRate: 5) {
    ///     let changes = zip(picture.luma, last?.luma ?? picture.luma).count { abs(Int($0) - Int($1)) > 24 }
    ///     print(picture.presentationTime, Double(changes) / Double(picture.luma.count))
    ///     last = picture
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - width: The width of the pictures, from 16 to 1920; their height follows the shape of the camera's picture.
    ///   - maximumRate: The most pictures a second, from 1 to 60. A camera may send fewer.
    /// - Throws: ``RingLiveError`` with `engineMissing` when no decoder is installed: `openh264dec` (gstreamer1.0-plugins-bad) or
    ///   `avdec_h264` (gstreamer1.0-libav).
    public func pictures(width: Int = 320, maximumRate: Int = 5) async throws(RingLiveError) -> RingLivePictures {
        let rate = min(max(maximumRate, 1), 60)
        let output = PictureDecoder.Output.gray(
            width: min(max(width, 16), 1920), interval: .nanoseconds(1_000_000_000 / rate))
        let element = try await PictureDecoder.element(for: output)
        let (stream, continuation) = RingLivePictures.Stream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let engine = self.engine
        let feed = engine.addFeed()
        let pump = PicturePump(
            feed: feed, element: element, output: output, requestKeyFrame: { engine.requestKeyFrame() },
            yield: { continuation.yield($0) })
        let task = engine.environment.detach {
            await pump.run()
            continuation.finish()
        }
        continuation.onTermination = { _ in
            engine.removeFeed(feed)
            task.cancel()
        }
        self.requestKeyFrame()
        return RingLivePictures(stream: stream, session: self)
    }
}

/// Decodes the units of one feed, one after the other.
private struct PicturePump: Sendable {
    /// How often decoding may fail without a picture between.
    private static let maximumFailureCount = 3

    let feed: LiveFeed
    let element: String
    let output: PictureDecoder.Output
    let requestKeyFrame: @Sendable () -> Void
    let yield: @Sendable (Result<RingLivePicture, RingLiveError>) -> Void

    func run() async {
        var decoder: PictureDecoder?
        var failureCount = 0
        var failure: RingLiveError?
        do throws(RingLiveError) {
            while !Task.isCancelled, let unit = try await self.feed.next() {
                // After a failure, decoding begins again with a key frame.
                guard decoder != nil || unit.isKeyFrame else { continue }
                do throws(RingLiveError) {
                    let current =
                        if let decoder { decoder } else {
                            try await PictureDecoder.make(self.element, self.output) {
                                self.yield(.success(RingLivePicture($0)))
                            }
                        }
                    decoder = current
                    try await current.decode(unit)
                } catch {
                    failureCount = (decoder?.pictureCount ?? 0) > 0 ? 1 : failureCount + 1
                    await decoder?.close()
                    decoder = nil
                    guard failureCount < Self.maximumFailureCount else { throw error }
                    self.requestKeyFrame()
                }
            }
        } catch {
            failure = error
        }
        // First: a late picture would take the place of the failure.
        await decoder?.close()
        if let failure { self.yield(.failure(failure)) }
    }
}
