internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingMediaClient {
    /// Fetches a still into a file, in the same way as a clip.
    ///
    /// Ring may have no latest still: it refuses windows that begin before the user's consent, and often lacks the key of the
    /// newest recording. The still of the newest event is then fetched instead, if the client was created with `newestEvent`
    /// and an event is in the window.
    ///
    /// - Parameters:
    ///   - request: Which still.
    ///   - path: The file's path; its folder exists.
    ///   - progress: Measures the transfer.
    /// - Throws: As ``download(_:to:progress:)-(RingClipRequest,_,_)``.
    public func download(
        _ request: RingStillRequest, to path: String, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaFile {
        try await progress.ending {
            try await self.withFallback(request) { try await self.file(&$0, path, progress) }
        }
    }

    /// Fetches a still as a stream of chunks, with the fallback of ``download(_:to:progress:)-(RingStillRequest,_,_)``.
    ///
    /// - Parameters:
    ///   - request: Which still.
    ///   - progress: Measures the transfer.
    /// - Throws: As ``stream(_:progress:)-(RingClipRequest,_)``.
    public func stream(
        _ request: RingStillRequest, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaStream {
        try await progress.endingOnFailure {
            try await self.withFallback(request) {
                RingMediaStream(try await self.fetcher.open(&$0, meter: progress, endsMeter: true))
            }
        }
    }

    /// Fetches a still into memory, with the fallback of ``download(_:to:progress:)-(RingStillRequest,_,_)``.
    ///
    /// - Parameters:
    ///   - request: Which still.
    ///   - limit: The maximum number of bytes.
    ///   - progress: Measures the transfer.
    /// - Throws: As ``data(_:upTo:progress:)-(RingClipRequest,_,_)``.
    public func data(
        _ request: RingStillRequest, upTo limit: Int = 32 << 20, progress: RingMediaProgressMeter? = nil
    ) async throws -> RingMediaData {
        try await progress.ending {
            try await self.withFallback(request) { try await self.memory(&$0, limit, progress) }
        }
    }

    /// Fetches a still. When the latest one is not available, fetches that of the newest event.
    private func withFallback<Value>(
        _ request: RingStillRequest, _ fetch: (inout MediaSession) async throws -> Value
    ) async throws -> Value {
        var request = request
        let start = self.now
        guard case .latest(var from, let to) = request.moment else {
            var session = try await self.session(request)
            return try await fetch(&session)
        }
        if to == nil { from = RingMediaLimits.openWindowStart(from, now: start) }
        request.moment = .latest(from: from, to: to)
        try request.validate(now: start)
        if let earliest = self.options.earliest { from = min(max(from, earliest), min(to ?? start, start)) }
        request.moment = .latest(from: from, to: to)
        do {
            var quick = self
            // The newest event is tried before any waiting.
            if self.newestEvent != nil { quick.options.waiting = .none }
            var session = try await quick.session(request)
            return try await fetch(&session)
        } catch let error as RingError {
            guard let newestEvent, Self.invitesFallback(error.code) else { throw error }
            guard let moment = try await newestEvent(request.device, from...max(from, to ?? start)), moment >= from,
                moment <= to ?? start
            else {
                // There was no event, so the window itself is waited for when that can help.
                guard error.code == .mediaNotReady || error.code == .mediaKeyUnavailable else { throw error }
                var session = try await self.session(request)
                return try await fetch(&session)
            }
            request.moment = .at(min(moment, self.now))
            var session = try await self.session(request)
            return try await fetch(&session)
        }
    }

    private static func invitesFallback(_ code: RingError.Code) -> Bool {
        switch code {
        case .timeRangeNotAuthorized, .mediaNotFound, .mediaKeyUnavailable, .mediaNotReady, .mediaDamaged: return true
        default: return false
        }
    }
}
