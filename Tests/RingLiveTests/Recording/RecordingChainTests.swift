import RingCore
import RingLive
import RingTesting
import RingWHEP
import Synchronization
import Testing

/// Sessions that follow each other, with a clock that the sessions move.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct RecordingChainTests {
    /// What one opening brings.
    enum Step: Sendable {
        /// So many pictures, and what the units throw then.
        case session(Int, (any Error & Sendable)?)
        case failure(RingError)
    }

    /// A camera that allows one session at a time, and takes two seconds to open one.
    final class Camera: Sendable {
        let clock: ManualClock
        let film: RingLiveFilm
        private let steps: Mutex<[Step]>
        private let state = Mutex((open: 0, mostOpen: 0, opened: 0, closed: 0))

        init(_ film: RingLiveFilm, _ clock: ManualClock, _ steps: [Step]) {
            self.film = film
            self.clock = clock
            self.steps = Mutex(steps)
        }

        var mostOpen: Int { self.state.withLock { $0.mostOpen } }
        var opened: Int { self.state.withLock { $0.opened } }
        var closed: Int { self.state.withLock { $0.closed } }

        func open() throws -> RecordingSource {
            let step = self.steps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            self.clock.advance(by: .seconds(2))
            switch step {
            case .failure(let error): throw error
            case nil: throw RingError(code: .deviceNotFound, message: "the script is over")
            case .session(let count, let error):
                self.state.withLock {
                    $0.open += 1
                    $0.opened += 1
                    $0.mostOpen = max($0.mostOpen, $0.open)
                }
                let isClosed = Flag()
                return RecordingSource(
                    Paced(film: self.film, clock: self.clock, count: count, failure: error, isClosed: isClosed),
                    lostPackets: { 3 },
                    close: {
                        if isClosed.set() {
                            self.state.withLock {
                                $0.open -= 1
                                $0.closed += 1
                            }
                        }
                        return "deadline"
                    })
            }
        }

        func chain(duration: Duration?) -> RecordingChain {
            RecordingChain(duration: duration, isChained: true, clock: self.clock) { try self.open() }
        }
    }

    final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { self.value.withLock { $0 } }
        /// Whether this call has set it.
        func set() -> Bool {
            self.value.withLock { value in
                defer { value = true }
                return !value
            }
        }
    }

    /// A film whose every picture moves the clock, until the session is closed.
    struct Paced: AsyncSequence, AsyncIteratorProtocol, Sendable {
        var film: RingLiveFilm
        var clock: ManualClock
        var count: Int
        var failure: (any Error & Sendable)?
        var isClosed: Flag
        var number = 0

        func makeAsyncIterator() -> Self { self }

        mutating func next() async throws -> RingLiveAccessUnit? {
            guard self.number < self.count else {
                if let failure { throw failure }
                return nil
            }
            // Lets the task that closes the session run.
            await Task.yield()
            guard !self.isClosed.isSet else { return nil }
            self.clock.advance(by: .milliseconds(50))
            let place = self.number % self.film.pictures.count
            let time = Duration.milliseconds(50 * self.number)
            self.number += 1
            return RingLiveAccessUnit(
                track: .video, bytes: self.film.pictures[place], presentationTime: time,
                isKeyFrame: self.film.keyFrames.contains(place), arrival: time)
        }
    }

    private static func recorder(_ folder: TestFolder, _ clock: ManualClock) throws -> RingLiveRecorder {
        try RingLiveRecorder(to: .file(folder.file("door.mp4")), environment: RingEnvironment(clock: clock))
    }

    @Test func tenMinutesAreOneRecordingOfManySessions() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock())
        // Sessions of 28 seconds, for ten minutes.
        let camera = Camera(film, clock, Array(repeating: .session(560, nil), count: 30))
        let recording = try await camera.chain(duration: .seconds(590)).record(to: Self.recorder(folder, clock))

        #expect(camera.mostOpen == 1, "one session open at a time")
        #expect(camera.opened == 20 && camera.closed == 20)
        #expect(recording.sessionCount == 20)
        #expect(recording.gaps.count == 19)
        #expect(recording.gaps.allSatisfy { $0.duration == .seconds(2) && $0.reason == "deadline" })
        #expect(recording.lostPackets == 60)
        #expect(recording.failure == nil)
        // The last session is closed when it has run for 20 of its 28 seconds.
        #expect(recording.frameCount >= 560 * 19 + 400)
        #expect(recording.duration >= .seconds(590))
        #expect(try await FFmpeg.packets(folder.file("door.mp4")).count == recording.frameCount)
    }

    @Test func timeEndsTheSessionThatIsOpen() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock())
        let camera = Camera(film, clock, [.session(100_000, nil)])
        let recording = try await camera.chain(duration: .seconds(7)).record(to: Self.recorder(folder, clock))
        #expect(camera.opened == 1 && camera.closed == 1)
        #expect(recording.duration >= .seconds(7) && recording.failure == nil)
    }

    @Test func whatPassesIsTriedAgainAndWhatDoesNotEndsTheRecording() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock(autoAdvance: true))
        let busy = RingError(code: .deviceUnavailable, message: "busy", retryAfter: .seconds(5))
        let camera = Camera(
            film, clock,
            [
                .failure(busy), .session(20, nil), .failure(busy),
                .session(20, RingLiveError(.idle, "no picture for 5 seconds")), .session(20, nil),
                .failure(RingError(code: .forbidden, message: "no longer shared")),
            ])
        let recording = try await camera.chain(duration: nil).record(to: Self.recorder(folder, clock))
        #expect(recording.failure?.code == .forbidden)
        #expect(recording.frameCount == 60)
        #expect(recording.gaps.map(\.duration) == [.seconds(9), .seconds(2)])
        #expect(recording.gaps.map(\.reason) == ["deadline", "live_idle"])
        #expect(recording.sessions.map(\.endReason) == ["deadline", "live_idle", "deadline"])
        #expect(camera.closed == camera.opened)
    }

    @Test func aBudgetThatIsSpentEndsTheRecordingAtOnce() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock())
        let spent = RingError(code: .liveBudgetSpent, message: "spent", retryAfter: .seconds(3000))
        let camera = Camera(film, clock, [.session(20, nil), .failure(spent)])
        let recording = try await camera.chain(duration: .seconds(600)).record(to: Self.recorder(folder, clock))
        #expect(recording.failure?.code == .liveBudgetSpent)
        #expect(recording.frameCount == 20)
    }

    @Test func aFirstSessionThatDoesNotOpenIsThrown() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock())
        let camera = Camera(film, clock, [.failure(RingError(code: .deviceNotFound, message: "none"))])
        let error = await #expect(throws: RingError.self) {
            try await camera.chain(duration: nil).record(to: Self.recorder(folder, clock))
        }
        #expect(error?.code == .deviceNotFound)
        #expect(folder.names.isEmpty)
    }

    @Test func sessionsWithoutPicturesAreNotOpenedForEver() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock(autoAdvance: true))
        let idle = RingLiveError(.idle, "no picture for 5 seconds")
        let camera = Camera(film, clock, Array(repeating: .session(0, idle), count: 50))
        await #expect(throws: idle) {
            try await camera.chain(duration: nil).record(to: Self.recorder(folder, clock))
        }
        #expect(camera.opened == 6 && camera.closed == 6)
    }

    @Test func aCancelledRecordingIsCompletedAndItsSessionClosed() async throws {
        let (folder, film, clock) = (try TestFolder(), try await FFmpeg.film(), ManualClock())
        let camera = Camera(film, clock, [.session(1_000_000, nil)])
        let recorder = try Self.recorder(folder, clock)
        let work = Task { try await camera.chain(duration: nil).record(to: recorder) }
        for await progress in recorder.progress where progress.frameCount >= 20 { break }
        work.cancel()
        let recording = try await work.value
        #expect(recording.frameCount >= 20)
        #expect(camera.closed == 1)
        #expect(boxes(try folder.bytes("door.mp4")).map(\.type) == ["ftyp", "mdat", "moov"])
        #expect(try await FFmpeg.packets(folder.file("door.mp4")).count == recording.frameCount)
    }
}
