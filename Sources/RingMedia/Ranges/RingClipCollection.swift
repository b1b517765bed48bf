public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The clips of a long range, in order, and what is missing between them.
public struct RingClipCollection: Sendable {
    /// Every piece that was asked for, in order.
    public var pieces: [Piece]
    /// What is missing, in order, with the reason.
    public var gaps: [Gap]

    /// Creates a collection by hand, for tests.
    public init(pieces: [Piece], gaps: [Gap]) {
        self.pieces = pieces
        self.gaps = gaps
    }

    /// The files there are, in order.
    public var files: [RingMediaFile] { self.pieces.compactMap { try? $0.result.get() } }

    /// Whether nothing is missing.
    public var isComplete: Bool { self.gaps.isEmpty }

    /// One piece: what was asked for and what came of it.
    public struct Piece: Sendable {
        /// The piece of the range.
        public var request: RingClipRequest
        /// The file, or why there is none.
        public var result: Result<RingMediaFile, RingError>

        /// Creates a piece by hand, for tests.
        public init(request: RingClipRequest, result: Result<RingMediaFile, RingError>) {
            self.request = request
            self.result = result
        }
    }

    /// A part of the range of which there is no recording here.
    public struct Gap: Hashable, Sendable {
        /// Where it begins.
        public var start: Date
        /// Where it ends.
        public var end: Date
        /// Why: the code of the piece's error, or `mediaNotFound` for what a partial clip lacks.
        public var reason: RingError.Code
        /// The same in words.
        public var message: String

        /// Creates a gap by hand, for tests.
        public init(start: Date, end: Date, reason: RingError.Code, message: String) {
            self.start = start
            self.end = end
            self.reason = reason
            self.message = message
        }
    }
}

extension RingClipCollection {
    /// Names what is missing, neighbours with the same reason as one.
    init(_ pieces: [Piece]) {
        var gaps: [Gap] = []
        func add(_ start: Date, _ end: Date, _ reason: RingError.Code, _ message: String) {
            guard end > start else { return }
            if let last = gaps.last, last.end == start, last.reason == reason {
                gaps[gaps.count - 1].end = end
            } else {
                gaps.append(Gap(start: start, end: end, reason: reason, message: message))
            }
        }
        for piece in pieces {
            let request = piece.request
            switch piece.result {
            case .failure(let error): add(request.start, request.end, error.code, error.message)
            case .success(let file) where file.info.isPartial:
                let missing = "the recording does not cover this part"
                let start = file.info.mediaTimestamp ?? request.start
                let from = min(max(start, request.start), request.end)
                // A clip may begin a little before what was asked for, with the picture that its first ones build on.
                let to = file.info.mediaLength.map { max(from, min(start + $0.seconds, request.end)) } ?? request.end
                add(request.start, from, .mediaNotFound, missing)
                add(to, request.end, .mediaNotFound, missing)
            case .success: break
            }
        }
        self.init(pieces: pieces, gaps: gaps)
    }
}
