import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct ReadinessTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test(
        arguments: [
            (202, nil), (425, "RECORDING_NOT_READY"), (425, nil), (416, "TIMESTAMP_NOT_FOUND"),
            (416, "MEDIA_NOT_FOUND"),
            (422, "GRECO_NO_VALID_KEY"), (503, "SERVER_BUSY"),
        ] as [(Int, String?)])
    func waitsForMediaOfAFreshEvent(status: Int, code: String?) async throws {
        for isLinked in [false, true] {
            let busy = RingHTTPResponse.failure(status, code)
            let stage =
                isLinked
                ? try Stage.linked(busy, busy, busy, .mp4(self.mp4))
                : try Stage.direct(busy, busy, busy, .mp4(self.mp4))
            let clip = try await stage.media.data(stage.clip(ended: .seconds(5)), upTo: 1 << 20)
            #expect(clip.bytes == self.mp4)
            let seconds = stage.clock.sleeps.map(\.components.seconds)
            #expect(seconds == (status == 422 ? [2, 4, 8] : [5, 10, 20]))
            // Every try is a fresh step one with the unchanged request.
            #expect(Set(stage.posts.map { $0.body.bytes ?? [] }).count == 1)
            #expect(stage.posts.count == 4)
        }
    }

    @Test func endsTwoMinutesAfterTheRange() async throws {
        let stage = try Stage.direct(.failure(425, "RECORDING_NOT_READY"))
        let error = try await failure { try await stage.media.data(stage.clip(ended: .seconds(20)), upTo: 1) }
        #expect(error.code == .mediaNotReady)
        #expect(error.status == 425)
        let waited = stage.clock.sleeps.reduce(Duration.zero, +)
        #expect(waited == .seconds(100), "the last try is made when the time is up")
        #expect(stage.posts.count == stage.clock.sleeps.count + 1)
    }

    @Test(
        arguments: [
            (425, "RECORDING_NOT_READY", RingError.Code.mediaNotReady), (202, nil, .mediaNotReady),
            (416, "MEDIA_NOT_FOUND", .mediaNotFound), (422, "GRECO_NO_VALID_KEY", .mediaKeyUnavailable),
        ] as [(Int, String?, RingError.Code)])
    func doesNotWaitForAnOldRange(status: Int, code: String?, expected: RingError.Code) async throws {
        let stage = try Stage.direct(.failure(status, code))
        let error = try await failure { try await stage.media.data(stage.clip(ended: .seconds(121)), upTo: 1) }
        #expect(error.code == expected)
        #expect(stage.clock.sleeps.isEmpty)
    }

    @Test func waitsAsLongAsTheCallerSays() async throws {
        var options = RingMediaOptions(waiting: RingMediaWaiting(.fromNow(.seconds(12))))
        let stage = try Stage.direct(options: options, .failure(425, "RECORDING_NOT_READY"))
        let error = try await failure { try await stage.media.data(stage.clip(ended: .seconds(9999)), upTo: 1) }
        #expect(error.code == .mediaNotReady)
        #expect(stage.clock.sleeps == [.seconds(5), .seconds(7)])
        // Nothing recorded stays nothing recorded, however long somebody is willing to wait.
        let missing = try Stage.direct(options: options, .failure(416, "MEDIA_NOT_FOUND"))
        _ = try await failure { try await missing.media.data(missing.clip(ended: .seconds(9999)), upTo: 1) }
        #expect(missing.clock.sleeps.isEmpty)
        options.waiting = .none
        let impatient = try Stage.direct(options: options, .failure(425, nil))
        _ = try await failure { try await impatient.media.data(impatient.clip(ended: .seconds(1)), upTo: 1) }
        #expect(impatient.clock.sleeps.isEmpty)
    }

    @Test func waitsAsLongAsRingSays() async throws {
        let stage = try Stage.direct(
            .failure(425, "RECORDING_NOT_READY", fields: [.retryAfter: "33"]), .mp4(self.mp4))
        _ = try await stage.media.data(stage.clip(ended: .seconds(5)), upTo: 1 << 20)
        #expect(stage.clock.sleeps == [.seconds(33)])
        let longer = try Stage.direct(.failure(425, "RECORDING_NOT_READY", fields: [.retryAfter: "86400"]))
        let error = try await failure { try await longer.media.data(longer.clip(ended: .seconds(5)), upTo: 1) }
        #expect(error.retryAfter == .seconds(86_400))
        #expect(longer.clock.sleeps.isEmpty)
    }

    @Test(
        arguments: [
            (400, "INVALID_PAYLOAD", RingError.Code.badRequest),
            (403, "TIME_RANGE_NOT_AUTHORIZED", .timeRangeNotAuthorized),
            (403, "REQUEST_FORBIDDEN", .forbidden), (403, nil, .forbidden), (404, "DEVICE_NOT_FOUND", .deviceNotFound),
            (409, nil, .conflict), (410, nil, .gone), (422, "CORRUPT_RECORDING", .mediaDamaged),
            (422, nil, .unprocessable), (418, nil, .unexpectedStatus),
        ] as [(Int, String?, RingError.Code)])
    func endsAtOnceWithAnErrorOfItsOwn(status: Int, code: String?, expected: RingError.Code) async throws {
        let stage = try Stage.direct(.failure(status, code, fields: [.requestID: "r-7"]))
        let error = try await failure { try await stage.media.data(stage.clip(ended: .seconds(1)), upTo: 1) }
        #expect(error.code == expected)
        #expect(error.status == status)
        #expect(error.requestID == "r-7")
        #expect(error.serverCodes == (code.map { [$0] } ?? []))
        #expect(stage.posts.count == 1)
        #expect(stage.clock.sleeps.isEmpty)
    }

    @Test func jittersEveryWaitByAQuarter() async throws {
        for (random, factor) in [(0.0, 0.75), (1.0.nextDown, 1.25)] {
            let stage = try Stage.direct(random: random, .failure(425, nil), .failure(425, nil), .mp4(self.mp4))
            _ = try await stage.media.data(stage.clip(ended: .seconds(1)), upTo: 1 << 20)
            #expect(stage.clock.sleeps == [.seconds(5 * factor), .seconds(10 * factor)])
        }
    }

    @Test func aServerFailureStartsAgainAFewTimes() async throws {
        let stage = try Stage.direct(.failure(500, "INTERNAL_ERROR"), .failure(502, nil), .mp4(self.mp4))
        #expect(try await stage.media.data(stage.clip(), upTo: 1 << 20).bytes == self.mp4)
        let broken = try Stage.direct(.failure(500, "INTERNAL_ERROR"))
        #expect(try await failure { try await broken.media.data(broken.clip(), upTo: 1) }.code == .serverFailure)
        #expect(broken.posts.count == 3)
    }

    /// Waits for media that is not ready are no attempts, in whatever order they come.
    @Test func countsFailuresApartFromWaits() async throws {
        let stage = try Stage.direct(
            .failure(500, nil), .failure(425, nil), .failure(422, "GRECO_NO_VALID_KEY"), .failure(502, nil),
            .failure(425, nil), .mp4(self.mp4))
        #expect(try await stage.media.data(stage.clip(ended: .seconds(5)), upTo: 1 << 20).bytes == self.mp4)
        #expect(stage.posts.count == 6)
        #expect(stage.observer.events(RingMediaWaits.self).count == 3)
        #expect(stage.observer.events(RingMediaRestarts.self).count == 2)
    }

    /// A busy service is waited for while the media may become ready; for an old range it is a failure like others.
    @Test func aBusyServiceHasThreeAttemptsForAnOldRange() async throws {
        let stage = try Stage.direct(.failure(503, "SERVER_BUSY", fields: [.retryAfter: "7"]))
        let error = try await failure { try await stage.media.data(stage.clip(ended: .seconds(121)), upTo: 1) }
        #expect(error.code == .serverFailure && error.status == 503)
        #expect(stage.posts.count == 3)
        #expect(stage.clock.sleeps == [.seconds(7), .seconds(7)])
        let fresh = try Stage.direct(.failure(503, "SERVER_BUSY"))
        _ = try await failure { try await fresh.media.data(fresh.clip(ended: .seconds(100)), upTo: 1) }
        #expect(fresh.observer.events(RingMediaRestarts.self).isEmpty)
        let long = try Stage.direct(.failure(503, nil, fields: [.retryAfter: "31"]))
        _ = try await failure { try await long.media.data(long.clip(ended: .seconds(121)), upTo: 1) }
        #expect(long.posts.count == 1, "a longer wait is the caller's to decide")
    }

    @Test(arguments: [408, 520, 524, 529]) func aTimeoutOfAGatewayIsAFailure(status: Int) async throws {
        for isLinked in [false, true] {
            let broken = RingHTTPResponse.failure(status, nil)
            let stage = isLinked ? try Stage.linked(broken) : try Stage.direct(broken)
            #expect(try await failure { try await stage.media.data(stage.clip(), upTo: 1) }.code == .serverFailure)
            #expect(stage.posts.count == 3 && stage.gets.count == (isLinked ? 3 : 0))
        }
    }

    /// The policy and the budget of the pipeline hold for both steps together, too.
    @Test func thePolicyOfThePipelineHolds() async throws {
        for (policy, attempts) in [
            (RingRetryPolicy(attempts: 1), 1), (RingRetryPolicy(attempts: 2), 2),
            (RingRetryPolicy(budgetCapacity: 1, budgetShare: 0), 2), (RingRetryPolicy(attempts: 9), 3),
        ] {
            var stage = try Stage.direct(.failure(500, nil))
            stage.setRetryBudget(RingRetryBudget(policy))
            _ = try await failure { [stage] in try await stage.media.data(stage.clip(), upTo: 1) }
            #expect(stage.posts.count == attempts)
        }
    }

    @Test func neverWaitsBeyondTheLimitOfTheCall() async throws {
        var options = RingMediaOptions(waiting: RingMediaWaiting(.fromNow(.seconds(3600))))
        options.timeout = .seconds(20)
        let stage = try Stage.direct(options: options, .failure(425, nil))
        let error = try await failure { try await stage.media.data(stage.clip(), upTo: 1) }
        #expect(error.code == .mediaNotReady)
        #expect(stage.clock.sleeps.reduce(.zero, +) <= .seconds(20))
    }

    @Test func aCancelledWaitEnds() async throws {
        let clock = ManualClock()
        let stage = try Stage(clock: clock) { _ in .failure(425, "RECORDING_NOT_READY") }
        let clip = stage.clip(ended: .seconds(1))
        let task = Task { try await stage.media.data(clip, upTo: 1) }
        await clock.sleepers(atLeast: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
