import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Synchronization
import Testing

/// Responses on real sockets that are not the media, not all of it, or not there yet.
@Suite(.timeLimit(.minutes(2))) struct WireResponseTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    /// What must end at once with an error, and leave no file.
    private func refusal(
        direct: Bool = false, _ serve: @escaping @Sendable (RawConnection) throws -> Void
    ) async throws -> RingError {
        var options = RingMediaOptions(waiting: .none)
        (options.maximumRestartCount, options.maximumResumeCount) = (0, 0)
        options.timeouts.silence = .milliseconds(300)
        let stage = try WireStage(
            options: options,
            api: { _, _, connection in
                if direct { try serve(connection) }
                return direct
            },
            { _, _, connection in try serve(connection) })
        defer { stage.stop() }
        let folder = try TestFolder()
        let error = try await failure { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
        #expect(folder.names.isEmpty)
        return error
    }

    @Test(arguments: [true, false])
    func whatIsNoMediaIsRefusedWithAGoodStatus(isDirect: Bool) async throws {
        let noise = (0..<20_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) | 0x80 }
        let cases: [(type: String, body: [UInt8], code: RingError.Code)] = [
            ("text/html", Array("<!DOCTYPE html><html></html>".utf8), .notMedia),
            ("video/mp4", Array("<html></html>".utf8), .notMedia),
            ("application/json", Array(#"{"data":null}"#.utf8), .notMedia),
            ("video/mp4", Array(#"{"errors":[{"code":"X"}]}"#.utf8), .notMedia),
            ("video/mp4", noise, .mediaUnreadable), ("video/mp4", Array(self.mp4.prefix(40)) + noise, .mediaUnreadable),
            ("video/mp4", [], .mediaTruncated),
        ]
        for (type, body, code) in cases {
            let error = try await self.refusal(direct: isDirect) {
                try $0.respond(fields: ["Content-Type: \(type)"], body: body)
            }
            #expect(error.code == code, "\(type): \(error)")
        }
    }

    @Test func wrongLengthsLeaveNoFile() async throws {
        let mp4 = self.mp4
        // Shorter than the file: its boxes do not add up. Longer: the rest never comes.
        for length in [0, 1, 40, mp4.count / 2, mp4.count - 1] {
            let error = try await self.refusal {
                try $0.write("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\nConnection: close\r\n\r\n")
                try $0.write(mp4)
                $0.close()
            }
            #expect(error.code == .mediaTruncated, "\(length): \(error)")
        }
        for isClosed in [true, false] {
            let error = try await self.refusal {
                try $0.write("HTTP/1.1 200 OK\r\nContent-Length: \(mp4.count + 1)\r\n\r\n")
                try $0.write(mp4)
                if isClosed { $0.close() } else { $0.waitUntilClosed() }
            }
            #expect(error.code == (isClosed ? .connectionLost : .timedOut))
        }
        for lines in [
            "Content-Length: 17098\r\nContent-Length: 9", "Content-Length: many", "Content-Length: -1",
            "Content-Length: 99999999999999999999",
        ] {
            let error = try await self.refusal {
                try $0.write("HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n")
                try $0.write(mp4)
                $0.close()
            }
            #expect(
                [.protocolViolation, .malformedResponse, .connectionLost, .responseTooLarge].contains(error.code),
                "\(lines): \(error)")
        }
    }

    /// Without a length, the end of a fragment cannot be told from the end of the file; with one, every cut shows.
    @Test(arguments: [true, false])
    func aCutOfAFragmentedFileLeavesNoFile(isCounted: Bool) async throws {
        let bytes = try Fixture.bytes("clip-fragmented.mp4")
        let cut = Mutex(0)
        var options = RingMediaOptions(waiting: .none)
        options.maximumRestartCount = 0
        let stage = try WireStage(options: options) { _, _, connection in
            let count = String(bytes.count, radix: 16)
            let framing =
                isCounted
                ? "Content-Length: \(bytes.count)\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n\(count)\r\n"
            try connection.write("HTTP/1.1 200 OK\r\n\(framing)")
            try connection.write(Array(bytes.prefix(cut.withLock { $0 })))
            connection.close()
        }
        defer { stage.stop() }
        let folder = try TestFolder()
        for length in stride(from: 0, to: bytes.count, by: 100) {
            cut.withLock { $0 = length }
            let error = try await failure { try await stage.media.download(stage.clip, to: folder.file("a.mp4")) }
            #expect([.mediaTruncated, .connectionLost].contains(error.code), "cut at \(length): \(error)")
            #expect(folder.names.isEmpty)
        }
    }

    @Test func waitsUntilItIsReadyAtEitherPlace() async throws {
        @Sendable func errors(_ status: Int, _ code: String) -> [UInt8] {
            Array(#"{"errors":[{"status":"\#(status)","code":"\#(code)"}]}"#.utf8)
        }
        let waiting = RingMediaWaiting(firstDelay: .milliseconds(2), firstKeyDelay: .milliseconds(1))
        let early = [(425, "RECORDING_NOT_READY"), (416, "MEDIA_NOT_FOUND"), (422, "GRECO_NO_VALID_KEY"), (202, "X")]
        let stage = try WireStage(
            options: RingMediaOptions(waiting: waiting),
            api: { number, _, connection in
                guard number <= early.count else { return false }
                let (status, code) = early[number - 1]
                try connection.respond(status, fields: ["Content-Type: application/json"], body: errors(status, code))
                return true
            },
            { [mp4] number, _, connection in
                guard number <= early.count else { return try connection.respond(body: mp4) }
                let (status, code) = early[number - 1]
                try connection.respond(status, fields: ["Content-Type: application/json"], body: errors(status, code))
            })
        defer { stage.stop() }
        let folder = try TestFolder()
        _ = try await stage.media.download(stage.clip(ago: 15), to: folder.file("a.mp4"))
        #expect(try folder.bytes("a.mp4") == self.mp4)
        let reasons: [RingError.Code] = [.mediaNotReady, .mediaNotFound, .mediaKeyUnavailable, .mediaNotReady]
        #expect(stage.observer.events(RingMediaWaits.self).map(\.reason) == reasons + reasons)
        #expect(stage.requests("api").count == 9)
        #expect(stage.requests("origin").count == 5)
    }

    @Test(arguments: [
        (403, "TIME_RANGE_NOT_AUTHORIZED", RingError.Code.timeRangeNotAuthorized),
        (404, "DEVICE_NOT_FOUND", .deviceNotFound), (422, "CORRUPT_RECORDING", .mediaDamaged),
        (400, "INVALID_PAYLOAD", .badRequest),
    ])
    func whatWaitingDoesNotHelpEndsAtOnce(status: Int, code: String, expected: RingError.Code) async throws {
        for isLinked in [false, true] {
            let body = Array(#"{"errors":[{"status":"\#(status)","code":"\#(code)"}]}"#.utf8)
            let refuse: @Sendable (RawConnection) throws -> Void = {
                try $0.respond(status, fields: ["Content-Type: application/json"], body: body)
            }
            let stage = try WireStage(
                options: RingMediaOptions(),
                api: { _, _, connection in
                    if !isLinked { try refuse(connection) }
                    return !isLinked
                },
                { _, _, connection in try refuse(connection) })
            defer { stage.stop() }
            let error = try await failure { try await stage.media.data(stage.clip(ago: 15), upTo: 1 << 20) }
            // Behind a link, what is not found is no device.
            #expect(error.code == (isLinked && status == 404 ? .notFound : expected))
            #expect(stage.requests("api").count == 1)
            #expect(stage.requests("origin").count == (isLinked ? 1 : 0))
        }
    }

    @Test func anotherRecordingIsNeverMixedIn() async throws {
        // After the break the same link gives another recording: by its validator, then without one, then as a range.
        let other = try Fixture.bytes("clip-faststart.mp4")
        for turn in 0..<3 {
            let stage = try WireStage { [mp4] number, request, connection in
                if number == 1 {
                    try connection.write("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: \(mp4.count)\r\n\r\n")
                    try connection.write(Array(mp4.prefix(8000)))
                    return connection.close()
                }
                guard request["range"] != nil, turn > 0 else {
                    return try connection.respond(fields: ["ETag: \"b\""], body: other)
                }
                if turn == 1 { return try connection.respond(body: other) }
                try connection.respond(
                    206, fields: ["ETag: \"b\"", "Content-Range: bytes 8000-\(other.count - 1)/\(other.count)"],
                    body: Array(other.dropFirst(8000)))
            }
            defer { stage.stop() }
            let folder = try TestFolder()
            _ = try await stage.media.download(stage.clip, to: folder.file("a.mp4"))
            #expect(try folder.bytes("a.mp4") == other)
            #expect(stage.requests("api").count == 2)
        }
    }

    @Test func noFailureOnTheWireShowsTheLink() async throws {
        let closed = try RawServer { $0.close() }
        let place = closed.origin
        closed.stop()
        let mp4 = self.mp4
        let faults: [@Sendable (RawConnection) throws -> Void] = [
            { try $0.respond(302, fields: ["Location: \(place)/?security_token=\(Stage.canary)"]) },
            { $0.reset() }, { try $0.write("SSH-2.0-\(Stage.canary)\r\n\r\n") },
            { try $0.write("HTTP/1.1 200 OK\r\nContent-Length: \(Stage.canary)\r\n\r\n") },
            { try $0.respond(500, body: Array(Stage.canary.utf8)) },
            { try $0.respond(404, body: Array(#"{"errors":[{"detail":"\#(Stage.canary)"}]}"#.utf8)) },
            { connection in
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(mp4.count)\r\n\r\n")
                try connection.write(Array(mp4.prefix(8000)))
                connection.waitUntilClosed()
            },
        ]
        for (number, fault) in faults.enumerated() {
            let error = try await self.refusal(fault)
            // What the server itself said is kept for who asks for it, and is in none of these.
            for text in ["\(error)", error.message, String(reflecting: error)] {
                #expect(!text.contains(Stage.canary) && !text.contains("security_token"), "\(number): \(text)")
            }
        }
    }
}
