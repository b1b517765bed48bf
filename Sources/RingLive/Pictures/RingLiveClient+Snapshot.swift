public import RingCore
internal import RingWHEP
internal import Synchronization

extension RingLiveClient {
    /// How many key frames are tried. The first may be damaged.
    private static let maximumKeyFrameCount = 3

    /// Takes a still picture: opens a session, decodes its first key frame, and closes it.
    ///
    /// It wakes the camera, as every live session does. The still of a recorded event needs no session; see `RingMedia`.
    ///
    /// - Parameters:
    ///   - device: The camera.
    ///   - options: Optional behaviour of the session.
    ///   - quality: The quality of the JPEG, from 1 to 100.
    /// - Throws: As ``open(_:options:)``; ``RingLiveError`` when the media fail before a key frame, with `engineMissing` when there is
    ///   no decoder (before the camera is woken), with `snapshotFailed` when no key frame can be decoded.
    public func snapshot(
        _ device: RingDeviceID, options: RingLiveOptions = RingLiveOptions(), quality: Int = 85
    ) async throws -> RingLiveSnapshot {
        let clock = self.client.api.environment.clock
        let begin = clock.uptime()
        let still = try await StillDecoder(quality: quality)
        do {
            let snapshot = try await self.withSession(device, options: options) { session in
                var failure = RingLiveError(.snapshotFailed, "the session ended before a key frame came; try again")
                var tries = 0
                for try await unit in session.accessUnits where unit.track == .video {
                    let isFollowing = await still.isFollowing
                    guard unit.isKeyFrame || isFollowing else { continue }
                    do throws(RingLiveError) {
                        guard let picture = try await still.picture(of: unit) else { continue }
                        return RingLiveSnapshot(
                            jpeg: picture.bytes, width: picture.width, height: picture.height,
                            elapsed: clock.uptime() - begin)
                    } catch {
                        failure = RingLiveError(.snapshotFailed, error.message)
                    }
                    session.requestKeyFrame()
                    tries += 1
                    if tries == Self.maximumKeyFrameCount { break }
                }
                try Task.checkCancellation()
                throw failure
            }
            await still.close()
            return snapshot
        } catch {
            await still.close()
            throw error
        }
    }
}

/// Makes a JPEG of a key frame. Its decoder is made before the frame is there.
///
/// The decoder is told that nothing comes after the key frame, and gives the picture at once. Some decoders then give none, for
/// streams whose parameter sets allow pictures in another order (`openh264dec` of GStreamer 1.22): the next decoder gets the units
/// after the key frame, too.
private actor StillDecoder {
    /// How many units after a key frame are decoded without a picture.
    private static let maximumUnitCount = 30

    private typealias Making = Task<Result<PictureDecoder, RingLiveError>, Never>

    private final class Slot: Sendable {
        let picture = Mutex<PictureDecoder.Picture?>(nil)
    }

    private let element: String
    private let output: PictureDecoder.Output
    private let slot = Slot()
    private var next: Making
    private var isAlone = true
    private var unitCount = 0

    /// Whether the decoder has a key frame and waits for the units after it.
    var isFollowing: Bool { self.unitCount > 0 }

    init(quality: Int) async throws(RingLiveError) {
        self.output = .jpeg(quality: quality)
        self.element = try await PictureDecoder.element(for: self.output)
        self.next = Self.begin(self.element, self.output, self.slot)
    }

    private static func begin(_ element: String, _ output: PictureDecoder.Output, _ slot: Slot) -> Making {
        Task {
            do throws(RingLiveError) {
                return .success(
                    try await PictureDecoder.make(element, output) { picture in
                        slot.picture.withLock { $0 = $0 ?? picture }
                    })
            } catch {
                return .failure(error)
            }
        }
    }

    /// Decodes the next unit; the first one is a key frame.
    ///
    /// - Returns: `nil` when the picture needs the units after it.
    /// - Throws: `RingLiveError` with `decodingFailed`. A key frame has to come next.
    func picture(of unit: RingLiveAccessUnit) async throws(RingLiveError) -> PictureDecoder.Picture? {
        do throws(RingLiveError) {
            if self.isAlone {
                do throws(RingLiveError) {
                    try await self.next.value.get().decodeOnly(unit)
                    return try self.taken()
                } catch  where error.code == .decodingFailed {
                    self.isAlone = false
                    await self.renew()
                }
            }
            self.unitCount += 1
            try await self.next.value.get().decode(unit)
            if let picture = self.slot.picture.withLock({ $0 }) { return picture }
            if self.unitCount > Self.maximumUnitCount { return try self.taken() }
            return nil
        } catch {
            await self.renew()
            throw error
        }
    }

    private func taken() throws(RingLiveError) -> PictureDecoder.Picture {
        guard let picture = self.slot.picture.withLock({ $0 }) else {
            throw RingLiveError(.decodingFailed, "no picture")
        }
        return picture
    }

    private func renew() async {
        await self.close()
        self.unitCount = 0
        self.next = Self.begin(self.element, self.output, self.slot)
    }

    func close() async {
        if case .success(let decoder) = await self.next.value { await decoder.close() }
    }
}
