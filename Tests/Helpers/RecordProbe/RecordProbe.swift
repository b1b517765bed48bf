import Foundation
import RingCore
import RingLive

/// A separate process that records, for tests that kill it.
///
/// `RecordProbe FILE SOURCE RATE COUNT` records the pictures of SOURCE, a file in the byte stream format, into FILE: COUNT
/// pictures, over and over again. It prints `picture N` before each one, `finishing`, and `done`, and reads a line from
/// standard input before `finishing`.
@main struct RecordProbe {
    static func main() async {
        do {
            try await Self.run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        guard arguments.count == 4, let rate = Int(arguments[2]), let count = Int(arguments[3]) else {
            throw RingError(code: .misconfigured, message: "usage: RecordProbe FILE SOURCE RATE COUNT")
        }
        let film = try RingLiveFilm(annexB: Array(Data(contentsOf: URL(filePath: arguments[1]))), rate: rate)
        let recorder = try RingLiveRecorder(to: .file(arguments[0]))
        try await recorder.record(Pictures(film: film, count: count))
        Self.say("recorded")
        _ = readLine()
        Self.say("finishing")
        let recording = try await recorder.finish()
        Self.say("done \(recording.frameCount)")
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        Self.say("memory \(usage.ru_maxrss)")
    }

    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

/// The pictures of a film, as fast as they are taken.
private struct Pictures: AsyncSequence, AsyncIteratorProtocol, Sendable {
    let film: RingLiveFilm
    let count: Int
    var number = 0

    func makeAsyncIterator() -> Self { self }

    mutating func next() async -> RingLiveAccessUnit? {
        guard self.number < self.count else { return nil }
        let place = self.number % self.film.pictures.count
        let time = Duration.nanoseconds(Int64(self.number) * 1_000_000_000 / Int64(self.film.rate))
        self.number += 1
        RecordProbe.say("picture \(self.number)")
        return RingLiveAccessUnit(
            track: .video, bytes: self.film.pictures[place], presentationTime: time,
            isKeyFrame: self.film.keyFrames.contains(place), arrival: time)
    }
}
