internal import RingCore

extension RingMediaClient {
    /// Fetches a clip into a file.
    ///
    /// The bytes go to a temporary file in the same folder, readable by this user alone. It gets its final name, replacing
    /// what has it, when all of it is there and looks right; until then nothing is under that name, and after a failure
    /// or a cancellation nothing is left. A transfer that breaks is continued where the server proves that it sends the
    /// same bytes, and started again elsewhere. What a killed process has left in the folder is removed.
    ///
    /// - Parameters:
    ///   - request: Which clip.
    ///   - path: The file's path; its folder exists.
    ///   - progress: Measures the transfer.
    /// - Returns: The file, and what Ring said of it: look at ``RingMediaInfo/isPartial``.
    /// - Throws: `RingError` with `invalidArgument` when a limit is exceeded; the codes of this module when there is no
    ///   such media; `diskFull` or `storageFailed` when the file cannot be written; `CancellationError`.
    public func download(
        _ request: RingClipRequest, to path: String, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaFile {
        try await progress.ending {
            var session = try await self.session(request)
            return try await self.file(&session, path, progress)
        }
    }

    /// Fetches a clip as a stream of chunks, to be handed on while it arrives.
    ///
    /// - Parameters:
    ///   - request: Which clip.
    ///   - progress: Measures the transfer.
    /// - Returns: The stream; its beginning was looked at and is an MP4 file's.
    /// - Throws: As ``download(_:to:progress:)-(RingClipRequest,_,_)``, but for the file.
    public func stream(
        _ request: RingClipRequest, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaStream {
        try await progress.endingOnFailure {
            var session = try await self.session(request)
            return RingMediaStream(try await self.fetcher.open(&session, meter: progress, endsMeter: true))
        }
    }

    /// Fetches a clip into memory.
    ///
    /// - Parameters:
    ///   - request: Which clip.
    ///   - limit: The most bytes to accept.
    ///   - progress: Measures the transfer.
    /// - Throws: As ``download(_:to:progress:)-(RingClipRequest,_,_)``, but for the file; `RingError` with
    ///   `responseTooLarge` when there are more bytes.
    public func data(
        _ request: RingClipRequest, upTo limit: Int, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaData {
        try await progress.ending {
            var session = try await self.session(request)
            return try await self.memory(&session, limit, progress)
        }
    }
}
