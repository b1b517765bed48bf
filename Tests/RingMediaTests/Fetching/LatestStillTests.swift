import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct LatestStillTests {
    let jpeg = (try? Fixture.bytes("still.jpg")) ?? []

    /// Refuses the latest still and gives the one at a moment.
    private func stage(_ status: Int, _ code: String) throws -> Stage {
        try Stage { [jpeg] request in
            let body = String(decoding: request.body.bytes ?? [], as: UTF8.self)
            return body.contains("latest_in_range") ? .failure(status, code) : .media(jpeg, "image/jpeg")
        }
    }

    private func latest(_ stage: Stage, hours: Double = 2) -> RingStillRequest {
        RingStillRequest(
            device: Stage.device, moment: .latest(from: stage.clock.now() - hours * 3600, to: nil), format: .jpeg)
    }

    @Test(arguments: [
        (403, "TIME_RANGE_NOT_AUTHORIZED"), (422, "GRECO_NO_VALID_KEY"), (416, "MEDIA_NOT_FOUND"),
        (425, "RECORDING_NOT_READY"), (422, "CORRUPT_RECORDING"),
    ])
    func asksForTheMomentOfTheNewestEvent(status: Int, code: String) async throws {
        var stage = try self.stage(status, code)
        let moment = stage.clock.now() - 600
        stage.media.newestEvent = { device, window in
            #expect(device == Stage.device)
            #expect(window.contains(moment))
            return moment
        }
        let still = try await stage.media.data(self.latest(stage))
        #expect(still.bytes == self.jpeg)
        let bodies = stage.posts.map { String(decoding: $0.body.bytes ?? [], as: UTF8.self) }
        #expect(bodies.count == 2)
        #expect(
            bodies.last == #"{"type":"at_timestamp","timestamp":1794999400000,"image_options":{"format":"jpeg"}}"#)
    }

    @Test func keepsTheRefusalWhenNothingHappenedInTheWindow() async throws {
        for moment in [nil, Stage.start - 3 * 3600, Stage.start + 60] as [Date?] {
            var stage = try self.stage(403, "TIME_RANGE_NOT_AUTHORIZED")
            stage.media.newestEvent = { _, _ in moment }
            let error = try await failure { try await stage.media.data(self.latest(stage)) }
            #expect(error.code == .timeRangeNotAuthorized)
            #expect(stage.posts.count == 1)
        }
    }

    @Test func doesNotWaitForAQuietCamera() async throws {
        let stage = try Stage.direct(.failure(416, "MEDIA_NOT_FOUND"))
        let error = try await failure { try await stage.media.data(self.latest(stage)) }
        #expect(error.code == .mediaNotFound)
        #expect(stage.clock.sleeps.isEmpty)
    }

    @Test func waitsForTheWindowItselfWhenThereIsNoEvent() async throws {
        var stage = try Stage.direct(
            .failure(422, "GRECO_NO_VALID_KEY"), .failure(422, "GRECO_NO_VALID_KEY"), .media(self.jpeg, "image/jpeg"))
        stage.media.newestEvent = { _, _ in nil }
        #expect(try await stage.media.data(self.latest(stage)).bytes == self.jpeg)
        #expect(stage.clock.sleeps == [.seconds(2)])
    }

    @Test func beginsASecondAfterTheConsent() async throws {
        var stage = try Stage.direct(.media(self.jpeg, "image/jpeg"))
        stage.media.options.consentedAt = stage.clock.now() - 60
        _ = try await stage.media.data(self.latest(stage))
        let body = String(decoding: stage.posts.first?.body.bytes ?? [], as: UTF8.self)
        #expect(body.contains(#""start_timestamp":1794999941000"#))
    }

    /// The clock goes on between the caller's look at it and the request, and while the request is repeated.
    @Test(arguments: [24.0, 24.01, 23.99]) func aWholeDayUpToNowIsNotTooLong(hours: Double) async throws {
        let stage = try Stage.direct(.failure(422, "GRECO_NO_VALID_KEY"), .media(self.jpeg, "image/jpeg"))
        _ = try await stage.media.data(self.latest(stage, hours: hours))
        #expect(stage.posts.count == 2)
        let start = Int64((Stage.start.timeIntervalSince1970 - 86_400 + 300) * 1000)
        for post in stage.posts {
            #expect(String(decoding: post.body.bytes ?? [], as: UTF8.self).contains("\"start_timestamp\":\(start)"))
        }
    }

    @Test(arguments: [23.5, 24.1]) func anotherWindowStaysAsItIs(hours: Double) async throws {
        let stage = try Stage.direct(.media(self.jpeg, "image/jpeg"))
        if hours > 24 {
            let error = try await failure { try await stage.media.data(self.latest(stage, hours: hours)) }
            #expect(error.code == .invalidArgument)
            #expect(stage.posts.isEmpty)
        } else {
            _ = try await stage.media.data(self.latest(stage, hours: hours))
            let start = Int64((Stage.start.timeIntervalSince1970 - hours * 3600) * 1000)
            let body = String(decoding: stage.posts.first?.body.bytes ?? [], as: UTF8.self)
            #expect(body.contains("\"start_timestamp\":\(start)"))
        }
    }

    @Test func otherFailuresAreFinal() async throws {
        var stage = try self.stage(404, "DEVICE_NOT_FOUND")
        stage.media.newestEvent = { _, _ in Stage.start - 60 }
        #expect(try await failure { try await stage.media.data(self.latest(stage)) }.code == .deviceNotFound)
        #expect(stage.posts.count == 1)
    }
}
