internal import RingCore

/// The body of a media response, made while it is sent: one piece in memory, and no more bytes a second than allowed.
struct MediaStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    /// Where the bytes come from.
    enum Source: Sendable {
        case bytes([UInt8])
        case clip(ClipFile, ClipFile.Layout)
    }

    let source: Source
    /// 0 for as many as the connection takes.
    let bytesPerSecond: Int
    /// What the seconds are of.
    let clock: any RingClock

    func makeAsyncIterator() -> Iterator { Iterator(self) }

    struct Iterator: AsyncIteratorProtocol {
        private static let pieceBytes = 48 << 10

        private var pieces: Pieces
        private let bytesPerSecond: Int
        private let clock: any RingClock
        private let start: Duration
        private var sent = 0
        private var rest: ArraySlice<UInt8> = []

        init(_ stream: MediaStream) {
            self.pieces = Pieces(stream.source)
            self.bytesPerSecond = stream.bytesPerSecond
            self.clock = stream.clock
            self.start = stream.clock.uptime()
        }

        mutating func next() async throws -> [UInt8]? {
            let limit = self.bytesPerSecond > 0 ? Swift.max(1, self.bytesPerSecond / 10) : Self.pieceBytes
            while self.rest.count < limit, let more = self.pieces.next() { self.rest += more }
            guard !self.rest.isEmpty else { return nil }
            if self.bytesPerSecond > 0 {
                // When the bytes so far may be through, by the time since the beginning: pauses do not add up.
                let due = self.start + .seconds(Double(self.sent) / Double(self.bytesPerSecond))
                let pause = due - self.clock.uptime()
                if pause > .zero { try await self.clock.sleep(for: pause) }
            }
            let piece = Array(self.rest.prefix(limit))
            self.rest = ArraySlice(self.rest.dropFirst(limit))
            self.sent += piece.count
            return piece
        }
    }
}

/// The pieces of a body in order.
private struct Pieces {
    private enum State {
        case bytes([UInt8])
        case head
        case pictures
        case ended
    }

    private var state: State
    private var clip: (file: ClipFile, layout: ClipFile.Layout, samples: ClipSamples)?
    private var picture = 0
    private var ends: ArraySlice<Int> = []
    private var frame = 0

    init(_ source: MediaStream.Source) {
        switch source {
        case .bytes(let bytes): self.state = .bytes(bytes)
        case .clip(let file, let layout):
            self.state = .head
            self.clip = (file, layout, file.samples())
            self.ends = layout.ends[...]
        }
    }

    mutating func next() -> [UInt8]? {
        switch self.state {
        case .bytes(let bytes):
            self.state = .ended
            return bytes
        case .head:
            self.state = .pictures
            return self.clip.map { $0.file.head($0.layout) }
        case .pictures:
            guard var bytes = self.clip?.samples.nextSample()?.bytes, let file = self.clip?.file else {
                self.state = .ended
                return nil
            }
            self.picture += 1
            // The sound of a group stands behind its pictures.
            if self.picture == self.ends.first {
                self.ends.removeFirst()
                let end = file.soundCount(before: self.picture)
                while self.frame < end {
                    bytes += file.soundFrame(self.frame)
                    self.frame += 1
                }
            }
            return bytes
        case .ended: return nil
        }
    }
}
