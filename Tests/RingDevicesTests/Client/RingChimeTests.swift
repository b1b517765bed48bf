import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingChimeTests {
    @Test(arguments: [
        (RingChimeBody.resource("aud-17"), #"{"data":{"type":"audio","attributes":{"audio_ref":"aud-17"}}}"#),
        (.flat("aud-17"), #"{"audio_ref":"aud-17","components":[0]}"#),
        (.flat("aud-17", components: ["lens-1"]), #"{"audio_ref":"aud-17","components":["lens-1"]}"#),
        (.event(.appstore1), #"{"event":"ring-appstore-event-1"}"#), (RingChimeBody(["a": 1]), #"{"a":1}"#),
    ])
    func sendsEachOfTheDisputedBodies(body: RingChimeBody, text: String) async throws {
        let (client, transport) = try Fixture.client([.json("", status: 202)])
        let playback = try await client.playChime("c/1", body: body)
        let request = try #require(transport.requests.first)
        #expect(playback.status == "accepted")
        #expect(request.method == .post && transport.contexts.first?.operation == .playChime)
        #expect(transport.targets == ["/v1/devices/c%2F1/media/audio/playback"])
        #expect(request.headerFields[.contentType] == "application/json")
        #expect(request.body.bytes.map { String(decoding: $0, as: UTF8.self) } == text)
    }

    @Test(arguments: [
        (200, #"{"data":{"id":"aud-17","attributes":{"status":"completed"}}}"#, "completed"), (204, "", "accepted"),
        (202, "queued", "accepted"), (200, #"{"status":"later"}"#, "later"), (200, "[]", "accepted"),
        (299, "null", "accepted"), (200, #"{"success":true,"errors":[]}"#, "accepted"),
        (200, #"{"errors":null}"#, "accepted"),
    ])
    func any2xxIsSuccessWithOrWithoutABody(status: Int, body: String, expected: String) async throws {
        let (client, _) = try Fixture.client([.json(body, status: status)])
        #expect(try await client.playChime("c", "aud-17").status == expected)
    }

    /// Nothing of Ring has said so: the page of a proxy, or errors under a status of success.
    @Test(arguments: ["<html></html>", "\u{feff}\t<!DOCTYPE html>", #"{"errors":[{"title":"x"}]}"#])
    func aPageIsNoSound(body: String) async throws {
        let (client, transport) = try Fixture.client([.json(body), .json("{}")])
        let error = await #expect(throws: RingError.self) { try await client.playChime("c", "aud-17") }
        #expect(error?.code == .malformedResponse && error?.status == 200)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: [(400, "bad_request"), (403, "forbidden"), (404, "device_not_found"), (503, "server_failure")])
    func aRefusalIsAnErrorAndIsNotRepeated(status: Int, code: String) async throws {
        let (client, transport) = try Fixture.client([.json("{}", status: status), .json("{}")])
        let error = await #expect(throws: RingError.self) { try await client.playChime("c", "aud-17") }
        #expect(error?.code.rawValue == code)
        #expect(transport.requests.count == 1)
    }
}
