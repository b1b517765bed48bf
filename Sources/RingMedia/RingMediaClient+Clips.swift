internal import RingCore

extension RingMediaClient {
    /// Fetches a clip into a file.
    ///
    /// The bytes are written to a temporary file in the same folder, readable by this user only. It gets its final name,
    /// replacing a file of that name, when it is complete and checked; after a failure or a cancellation it is removed. An
    /// interrupted transfer continues when the server proves that it sends the same bytes, and otherwise starts again.
    /// Temporary files of killed processes are removed from the folder.
    ///
    /// - Parameters:
    ///   - request: Which clip.
    ///   - path: The file's path; its folder exists.
    ///   - progress: Measures the transfer.
    /// - Returns: The file and its description: check ``RingMediaInfo/isPartial``.
    /// - Throws: `RingError` with `invalidArgument` when a limit is exceeded; the codes of this module when the
    ///   media is not available; `diskFull` or `storageFailed` when the file cannot be written; `CancellationError`.
    public func download(
        _ request: RingClipRequest, to path: String, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaFile {
        try await progress.ending {
            var session = try await self.session(request)
            return try await self.file(&session, path, progress)
        }
    }

    /// Fetches a clip as a stream of chunks, to forward while it arrives.
    ///
    /// - Parameters:
    ///   - request: Which clip.
    ///   - progress: Measures the transfer.
    /// - Returns: The stream. Its beginning has been checked to be an MP4 file.
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
    ///   - limit: The maximum number of bytes.
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
