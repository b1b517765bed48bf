public import RingCore
internal import RingWHEP

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
        let decoder = try await PictureDecoder.installed()
        return try await self.withSession(device, options: options) { session in
            var failure = RingLiveError(.snapshotFailed, "the session ended before a key frame came; try again")
            var tries = 0
            for try await unit in session.accessUnits where unit.track == .video && unit.isKeyFrame {
                do throws(RingLiveError) {
                    let picture = try await decoder.jpeg(of: unit, quality: min(max(quality, 1), 100))
                    return RingLiveSnapshot(
                        jpeg: picture.bytes, width: picture.width, height: picture.height,
                        elapsed: clock.uptime() - begin)
                } catch {
                    failure = error
                }
                session.requestKeyFrame()
                tries += 1
                if tries == Self.maximumKeyFrameCount { break }
            }
            try Task.checkCancellation()
            throw failure
        }
    }
}
