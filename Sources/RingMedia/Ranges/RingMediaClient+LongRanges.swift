internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingMediaClient {
    /// Fetches a range of any length into files of at most 15 minutes, a few at a time.
    ///
    /// A part that Ring has not recorded becomes a gap, and so does a piece that fails for a reason of its own. A failure that
    /// concerns all pieces (no authorisation, no such device, a full disk) ends the whole call; complete files stay.
    ///
    /// - Parameters:
    ///   - range: The range; its `duration` may exceed the 15 minutes of a single clip.
    ///   - folder: A folder that exists.
    ///   - concurrency: The maximum number of pieces at one time.
    ///   - name: Names the file of each piece. By default it is `clip-<start in epoch milliseconds>.mp4`, with the component
    ///     before the ending on devices with several.
    /// - Returns: The files in order, and the gaps.
    /// - Throws: `RingError`; `CancellationError` when the task is cancelled.
    public func clips(
        over range: RingClipRequest, into folder: String, concurrency: Int = 3,
        name: (@Sendable (RingClipRequest) -> String)? = nil
    ) async throws -> RingClipCollection {
        let now = self.now
        try range.validateIgnoringLength(now: now, components: try await self.components?(range.device))
        guard range.duration.wholeMilliseconds > 0 else {
            throw RingError.invalidArgument("a range lasts at least one millisecond; give a duration above zero")
        }
        var pieces: [RingClipCollection.Piece] = []
        var range = range
        if let lead = self.lead(&range) { pieces.append(lead) }
        let requests = range.split()
        let (past, future) = (requests.filter { $0.start <= now }, requests.filter { $0.start > now })
        pieces += try await self.fetch(past, max(1, concurrency)) {
            let file = name?($0) ?? Self.fileName($0)
            return folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
        }
        pieces += future.map { Self.gap($0, .mediaNotFound, "this part is in the future") }
        return RingClipCollection(pieces)
    }

    /// Fetches the clips of an event into files, one for each lens that recorded it.
    ///
    /// When the time after the event has not passed yet, this waits for its end first, so that the clip is complete.
    ///
    /// - Parameters:
    ///   - event: The event, of a webhook or the history.
    ///   - folder: A folder that exists.
    ///   - before: How much to show before the event's moment.
    ///   - after: How much to show after the event's end, or after its moment when the end is unknown.
    ///   - name: Names the file of each piece, as in ``clips(over:into:concurrency:name:)``.
    /// - Returns: The files, by lens and then in order, and the gaps.
    /// - Throws: As ``clips(over:into:concurrency:name:)``.
    public func clips(
        for event: RingMediaEvent, into folder: String, before: Duration = .seconds(5),
        after: Duration = .seconds(15),
        name: (@Sendable (RingClipRequest) -> String)? = nil
    ) async throws -> RingClipCollection {
        let ranges = self.clips(for: event, before: before, after: after)
        if let end = ranges.map(\.end).max(), end > self.now {
            try await self.environment.clock.sleep(
                for: min(.clamped(seconds: end.timeIntervalSince(self.now)), max(after, .milliseconds(1))))
        }
        var all = RingClipCollection([])
        for range in ranges {
            all.append(try await self.clips(over: range, into: folder, name: name))
        }
        return all
    }

    package static func fileName(_ request: RingClipRequest) -> String {
        let component = request.component.map { "-" + RingPercentCoding.encode($0.rawValue) } ?? ""
        return "clip-\(request.start.epochMilliseconds ?? 0)\(component).mp4"
    }

    /// Removes the part before the user's consent from the range, because Ring would refuse the whole range.
    private func lead(_ range: inout RingClipRequest) -> RingClipCollection.Piece? {
        guard let earliest = self.options.earliest, range.start < earliest else { return nil }
        var lead = range
        let length = Duration.clamped(seconds: earliest.timeIntervalSince(range.start))
        lead.duration = min(length, range.duration)
        range.start = earliest
        range.duration = max(range.duration - length, .zero)
        return Self.gap(lead, .timeRangeNotAuthorized, "this part is before the user agreed to share the device")
    }

    private static func gap(
        _ request: RingClipRequest, _ code: RingError.Code, _ message: String
    ) -> RingClipCollection.Piece {
        RingClipCollection.Piece(
            request: request,
            result: .failure(RingError(code: code, message: message, operation: .clipRequest)))
    }

    private func fetch(
        _ requests: [RingClipRequest], _ concurrency: Int, _ path: @escaping @Sendable (RingClipRequest) -> String
    ) async throws -> [RingClipCollection.Piece] {
        try await withThrowingTaskGroup(of: (Int, RingClipCollection.Piece).self) { group in
            var results: [RingClipCollection.Piece?] = Array(repeating: nil, count: requests.count)
            var (next, finished) = (0, 0)
            while next < requests.count || !group.isEmpty {
                if next < requests.count, next - finished < concurrency {
                    let (index, request) = (next, requests[next])
                    group.addTask { (index, try await self.piece(request, path(request))) }
                    next += 1
                } else if let (index, piece) = try await group.next() {
                    results[index] = piece
                    finished += 1
                }
            }
            return results.compactMap { $0 }
        }
    }

    private func piece(_ request: RingClipRequest, _ path: String) async throws -> RingClipCollection.Piece {
        do {
            return .init(request: request, result: .success(try await self.download(request, to: path)))
        } catch let error as RingError where Self.concernsOnePiece(error) {
            return .init(request: request, result: .failure(error))
        }
    }

    private static func concernsOnePiece(_ error: RingError) -> Bool {
        switch error.code {
        case .mediaNotReady, .mediaNotFound, .mediaDamaged, .mediaKeyUnavailable, .timeRangeNotAuthorized, .notMedia,
            .mediaUnreadable, .mediaTruncated, .mediaLinkExpired, .serverFailure, .connectionLost, .timedOut,
            .responseTooLarge, .malformedResponse:
            return true
        default: return false
        }
    }
}
