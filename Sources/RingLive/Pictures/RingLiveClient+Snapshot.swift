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
                for try await unit in session.accessUnits where unit.track == .video && unit.isKeyFrame {
                    do throws(RingLiveError) {
                        let picture = try await still.picture(of: unit)
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

/// Makes a JPEG of one key frame. Its decoder is made before the frame is there.
private actor StillDecoder {
    private typealias Making = Task<Result<PictureDecoder, RingLiveError>, Never>

    private final class Slot: Sendable {
        let picture = Mutex<PictureDecoder.Picture?>(nil)
    }

    private let element: String
    private let output: PictureDecoder.Output
    private let slot = Slot()
    private var next: Making

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

    func picture(of unit: RingLiveAccessUnit) async throws(RingLiveError) -> PictureDecoder.Picture {
        do throws(RingLiveError) {
            try await self.next.value.get().decodeOnly(unit)
            if let picture = self.slot.picture.withLock({ $0 }) { return picture }
            throw RingLiveError(.decodingFailed, "no picture")
        } catch {
            // A decoder is for one frame.
            await self.close()
            self.next = Self.begin(self.element, self.output, self.slot)
            throw error
        }
    }

    func close() async {
        if case .success(let decoder) = await self.next.value { await decoder.close() }
    }
}
