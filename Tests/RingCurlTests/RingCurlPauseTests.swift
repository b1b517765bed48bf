import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// A clip whose reader has stopped reading, so that the transport has stopped receiving it.
@Suite(.timeLimit(.minutes(1))) struct RingCurlPauseTests {
    /// What the server sends before anything else happens: far more than is received ahead of the reader.
    private static let first = 1 << 20
    /// What is enough to stop receiving, and fits into one turn of the loop.
    private static let part = 100_000
    private static let silence = Duration.seconds(1)

    /// A server of one clip, whose connection a test ends as it likes, and of small bodies and of none beside it.
    private struct Stage {
        let server: RawServer
        let transport = RingCurlTransport()
        /// The clip's first bytes were sent.
        let begun = Journal<Void>()
        /// The clip's connection has ended.
        let ended = Journal<Void>()

        init(_ goOn: @escaping @Sendable (RawConnection) throws -> Void) throws {
            let (begun, ended) = (self.begun, self.ended)
            self.server = try RawServer { connection in
                while let head = try connection.readHead() {
                    switch head.target {
                    case "/small": try connection.respond(body: [1])
                    case "/part":
                        try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                        try connection.write([UInt8](repeating: 7, count: RingCurlPauseTests.part))
                        begun.note(())
                        connection.waitUntilClosed()
                    case "/silent":
                        try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
                        connection.waitUntilClosed()
                    default:
                        defer { ended.note(()) }
                        try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                        try connection.write([UInt8](repeating: 7, count: RingCurlPauseTests.first))
                        begun.note(())
                        try goOn(connection)
                    }
                }
            }
        }

        func send(_ path: String, deadline: RingDeadline? = nil) async throws -> RingHTTPResponse {
            let url = try #require(URL(string: self.server.origin + path))
            return try await self.transport.send(
                RingCall(
                    url: url, operation: .testDownload, deadline: deadline,
                    timeouts: RingTimeouts(
                        connect: nil, firstByte: nil, silence: RingCurlPauseTests.silence, total: nil)))
        }

        /// Begins to read the clip, and stops when the buffer of the transport is certainly full.
        func stopped(deadline: RingDeadline? = nil) async throws -> (RingHTTPBody.Iterator, count: Int) {
            var iterator = try await self.send("/clip", deadline: deadline).body.makeAsyncIterator()
            let count = try #require(try await iterator.next()).count
            await self.begun.wait(for: 1)
            // All of it is on its way by now, and by the end of another call the loop has looked at it.
            _ = try await self.send("/small").body.collect(upTo: 1)
            return (iterator, count)
        }

        /// Lets the limit of silence pass, as it does for a call that is held to it.
        func letSilencePass() async throws {
            let error = await #expect(throws: RingError.self) {
                _ = try await self.send("/silent").body.collect(upTo: 9)
            }
            #expect(error?.code == .timedOut)
        }
    }

    /// Reads on to the end, which is an error.
    private func rest(_ iterator: inout RingHTTPBody.Iterator) async throws -> (count: Int, error: RingError) {
        var count = 0
        do {
            while let chunk = try await iterator.next() { count += chunk.count }
        } catch let error as RingError { return (count, error) }
        Issue.record("the body ended in order after \(count) bytes")
        throw CancellationError()
    }

    @Test func theReadersSilenceIsNoneAndTheServersIs() async throws {
        let stage = try Stage { $0.waitUntilClosed() }
        defer { stage.server.stop() }
        var (iterator, count) = try await stage.stopped()
        for _ in 0..<2 { try await stage.letSilencePass() }
        #expect(stage.ended.entries.isEmpty)
        // Everything the server sent comes, and the limit counts from there.
        let (more, error) = try await self.rest(&iterator)
        count += more
        #expect(count == Self.first)
        #expect(error.code == .timedOut)
        await stage.ended.wait(for: 1)
    }

    @Test func theLimitCountsFromWhereTheReaderGoesOn() async throws {
        let stage = try Stage { $0.waitUntilClosed() }
        defer { stage.server.stop() }
        var iterator = try await stage.send("/part").body.makeAsyncIterator()
        await stage.begun.wait(for: 1)
        _ = try await stage.send("/small").body.collect(upTo: 1)
        for _ in 0..<2 { try await stage.letSilencePass() }
        var count = 0
        while count < Self.part, let chunk = try await iterator.next() { count += chunk.count }
        // Nothing has come since long before; the server has all of the limit from now on.
        let start = ContinuousClock.now
        let (more, error) = try await self.rest(&iterator)
        #expect(more == 0)
        #expect(error.code == .timedOut)
        #expect(ContinuousClock.now - start >= Self.silence * 0.9)
    }

    @Test func aServerThatLeavesMeanwhileIsHeardOfAtTheEnd() async throws {
        for isReset in [false, true] {
            let stage = try Stage { isReset ? $0.reset() : $0.close() }
            defer { stage.server.stop() }
            var (iterator, count) = try await stage.stopped()
            await stage.ended.wait(for: 1)
            try await stage.letSilencePass()
            let (more, error) = try await self.rest(&iterator)
            count += more
            // A reset may take with it what was not received yet.
            #expect(isReset ? count <= Self.first : count == Self.first)
            #expect(error.code == .connectionLost)
        }
    }

    @Test func cancellationEndsItAtOnce() async throws {
        let stage = try Stage { $0.waitUntilClosed() }
        defer { stage.server.stop() }
        let (atGate, gate) = (Journal<Void>(), Journal<Void>())
        let task = Task {
            var (iterator, _) = try await stage.stopped()
            atGate.note(())
            await gate.wait(for: 1)
            while try await iterator.next() != nil {}
        }
        await atGate.wait(for: 1)
        task.cancel()
        gate.note(())
        await #expect(throws: CancellationError.self) { try await task.value }
        await stage.ended.wait(for: 1)
    }

    @Test func lettingGoOfItEndsItAtOnce() async throws {
        let stage = try Stage { $0.waitUntilClosed() }
        defer { stage.server.stop() }
        _ = try await stage.stopped()
        await stage.ended.wait(for: 1)
    }

    /// Time that is up is up, also for a transfer that nobody reads: its connection is not kept for it.
    @Test func theDeadlineEndsItWithoutItsReader() async throws {
        // A machine that is busy with other things may not get as far within the first of these.
        for seconds in [1, 4, 16] {
            let stage = try Stage { $0.waitUntilClosed() }
            defer { stage.server.stop() }
            let deadline = RingDeadline(in: .seconds(seconds), clock: RingSystemClock())
            guard var (iterator, _) = try? await stage.stopped(deadline: deadline) else { continue }
            await stage.ended.wait(for: 1)
            let (more, error) = try await self.rest(&iterator)
            #expect(more == 0)
            #expect(error.code == .deadlineExceeded)
            return
        }
        Issue.record("the deadline always passed before the reader had stopped")
    }
}
