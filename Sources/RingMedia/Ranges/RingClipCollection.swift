public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The clips of a long range, in order, and the gaps between them.
public struct RingClipCollection: Sendable {
    /// Every requested piece, in order.
    package private(set) var pieces: [Piece]
    /// The parts of the range without a clip, in order, with the reason.
    public private(set) var gaps: [Gap]

    /// The files, in order.
    public var files: [RingMediaFile] { self.pieces.compactMap { try? $0.result.get() } }

    /// Whether there are no gaps.
    package var isComplete: Bool { self.gaps.isEmpty }

    /// A requested piece and its result.
    package struct Piece: Sendable {
        package var request: RingClipRequest
        package var result: Result<RingMediaFile, RingError>

        package init(request: RingClipRequest, result: Result<RingMediaFile, RingError>) {
            self.request = request
            self.result = result
        }
    }

    /// A part of the range without a clip.
    public struct Gap: Hashable, Sendable {
        /// The start.
        public let start: Date
        /// The end.
        public fileprivate(set) var end: Date
        /// The code of the piece's error, or `mediaNotFound` for a part that a partial clip lacks.
        public let reason: RingError.Code
        /// The reason in words.
        public let message: String
        /// Whether a later attempt may find the clip: Ring or the network failed, or the recording was not ready. When not, there is
        /// none.
        public var isTransient: Bool { self.reason.isTransient }
    }
}

extension RingClipCollection {
    /// Finds the gaps. Adjacent gaps with the same reason are one.
    package init(_ pieces: [Piece]) {
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
                // A clip may begin a little earlier than requested, with the key frame that its first frames need.
                let to = file.info.mediaLength.map { max(from, min(start + $0.seconds, request.end)) } ?? request.end
                add(request.start, from, .mediaNotFound, missing)
                add(to, request.end, .mediaNotFound, missing)
            case .success: break
            }
        }
        self.pieces = pieces
        self.gaps = gaps
    }

    /// Adds the clips of another range at the end.
    mutating func append(_ other: RingClipCollection) {
        self.pieces += other.pieces
        self.gaps += other.gaps
    }
}
