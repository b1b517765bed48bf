public import RingCore
internal import RingJSONAPI

extension RingDevicesClient {
    /// Plays a sound on a chime. Needs the scope Chime Controls. Never retried, because it is heard.
    ///
    /// `POST /v1/devices/{id}/media/audio/playback`.
    ///
    /// - Parameters:
    ///   - id: The chime.
    ///   - body: What to play, in one of the forms sources name; ``RingChimeBody/resource(_:)`` is the most credible.
    /// - Returns: The response; any status from 200 to 299 is success, with a body or without.
    /// - Throws: `RingError`: `badRequest` when the device is not a chime or the form is not understood, `forbidden`
    ///   without the scope, `deviceNotFound`, `malformedResponse` for a page or errors under a status of success; with
    ///   `delivery` `.unknown` it may have been heard all the same.
    ///   `CancellationError` when the task is cancelled.
    public func playChime(_ id: RingDeviceID, body: RingChimeBody) async throws -> RingChimePlayback {
        let request = try self.api.request(
            .post, path: ["v1", "devices", id.rawValue, "media", "audio", "playback"], json: body.json)
        let response = try await self.api.send(request, for: .playChime)
        // It has been heard, so a body that cannot be read is no failure.
        let bytes = (try? await response.body.collect(upTo: 64 * 1024)) ?? []
        // The page of a proxy, or an errors document, means that nothing was played.
        guard let raw = try RingError.undocumentedBody(bytes, of: response, during: .playChime) else {
            return RingChimePlayback(status: "accepted", raw: nil)
        }
        let status = raw["data"]?["attributes"]?["status"]?.string ?? raw["status"]?.string
        return RingChimePlayback(status: status ?? "accepted", raw: raw)
    }

    /// Plays a sound on a chime.
    ///
    /// - Throws: As ``playChime(_:body:)``.
    public func playChime(_ id: RingDeviceID, _ sound: RingAudioReference) async throws -> RingChimePlayback {
        try await self.playChime(id, body: .resource(sound))
    }
}
