import Foundation
import RingCore
import RingCrypto
import RingCurl
import RingJSONAPI
import RingListener
import RingTesting
import Synchronization
import Testing

/// `webhook` and `nonce`, against the fact sheet's vectors.
@Suite(.timeLimit(.minutes(2))) struct WebhookCommandTests {
    static let key = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="
    static let account = "ava1.ring.account.TESTACCT0001"
    static let nonce = "utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf-tuGdg"
    static let body =
        #"{"meta":{"version":"1.1","time":"2026-11-18T11:06:41.250000000Z","#
        + #""request_id":"0f6c1b1e-6c0b-4a3b-9d52-3f5c5b0c9a11","account_id":"ava1.ring.account.TESTACCT0001"},"#
        + #""data":{"id":"ava1.ring.device.TESTDOOR0001_human_1795000000500","type":"motion_detected","#
        + #""attributes":{"source":"ava1.ring.device.TESTDOOR0001","source_type":"devices","#
        + #""timestamp":1795000000500,"sub_type":"human"},"relationships":{"devices":{"links":"#
        + #"{"self":"/v1/devices/ava1.ring.device.TESTDOOR0001"}}}}}"#
    static let signature = "sha256=51f1449845da37ef04c2cf2f9da6acea7f8c7ca65eb9dee4cde4a06f653e696f"
    let ringctl = Ringctl(environment: ["RING_HMAC_KEY": Self.key, "RING_STORE": "memory"])

    @Test func signsTheWorkedVector() async throws {
        let outcome = try await self.ringctl.run("webhook", "sign", "--json", input: Self.body)
        #expect(outcome.status == 0)
        #expect(outcome.outputText == #"{"x_signature":"\#(Self.signature)"}"# + "\n")
        // The line end counts.
        let other = try await self.ringctl.run("webhook", "sign", "--json", input: Self.body + "\n")
        #expect(other.outputText.contains("e27217a6f6452bfcc54dd856d2841cbded7dfa9b4b11cfe28b481901e8194d8d"))
    }

    @Test func signsWithAnotherVariable() async throws {
        let ringctl = Ringctl(environment: ["OTHER": Self.key, "RING_HMAC_KEY": "x"])
        let outcome = try await ringctl.run("webhook", "sign", "--key-env", "OTHER", input: Self.body)
        #expect(outcome.outputText == Self.signature + "\n")
    }

    @Test(arguments: [[:], ["RING_HMAC_KEY": ""]] as [[String: String]])
    func aMissingOrEmptyKeyIsAUsageError(environment: [String: String]) async throws {
        for words in [
            ["webhook", "sign"], ["webhook", "verify", "--signature", "x"], ["webhook", "listen", "--port", "0"],
            ["nonce", "compute", "--account", "a", "--time", "1"],
        ] {
            let outcome = try await Ringctl(environment: environment).run(words + ["--json"])
            #expect(outcome.status == 2)
            #expect(outcome.failure?["code"]?.string == "usage")
        }
    }

    @Test func verifiesAndDecodes() async throws {
        let outcome = try await self.ringctl.run(
            "webhook", "verify", "--signature", Self.signature, "--json", input: Self.body)
        #expect(outcome.status == 0)
        #expect(
            outcome.outputText
                == #"{"request_id":"0f6c1b1e-6c0b-4a3b-9d52-3f5c5b0c9a11","version":"1.1","#
                + #""time":"2026-11-18T11:06:41.250000000Z","account_id":"ava1.ring.account.TESTACCT0001","#
                + #""event_id":"ava1.ring.device.TESTDOOR0001_human_1795000000500","type":"motion_detected","#
                + #""sub_type":"human","device_id":"ava1.ring.device.TESTDOOR0001","timestamp":1795000000500,"#
                + #""component_ids":[],"known":true}"# + "\n")
        #expect(!outcome.errorText.contains(Self.key))
    }

    @Test(arguments: ["sha256=00", "", Self.signature.replacingOccurrences(of: "51f1", with: "51f2")])
    func aWrongSignatureEndsWithSeven(signature: String) async throws {
        let outcome = try await self.ringctl.run(
            "webhook", "verify", "--json", "--signature", signature, input: Self.body)
        #expect(outcome.status == 7)
        #expect(outcome.output.isEmpty)
        #expect(outcome.failure?["code"]?.string?.hasSuffix("_signature") == true)
    }

    @Test(arguments: ["[]", "null", "", "{\"data\":", #"{"ping":1}"#])
    func aSignedBodyThatIsNoEventEndsWithTwo(body: String) async throws {
        let key = try RingHMACKey(Self.key)
        let signature = RingWebhookSignature(signing: Array(body.utf8), key: key).headerValue
        let outcome = try await self.ringctl.run(
            "webhook", "verify", "--json", "--signature", signature, input: body)
        #expect(outcome.status == 2)
        #expect(["not_an_event", "malformed_body"].contains(outcome.failure?["code"]?.string))
    }

    @Test func aTimeThatIsANumberIsATime() async throws {
        let body = Self.body.replacing(#""2026-11-18T11:06:41.250000000Z""#, with: "1795000001250")
        let signature = RingWebhookSignature(signing: Array(body.utf8), key: try RingHMACKey(Self.key)).headerValue
        let outcome = try await self.ringctl.run(
            "webhook", "verify", "--json", "--signature", signature, input: body)
        #expect(try outcome.results.map { $0["time"]?.string } == ["2026-11-18T11:06:41.250Z"])
    }

    /// No clock means them.
    @Test(arguments: ["9223372036854775807", #""9223372036854775807""#, "-9223372036854775808", "253402300800000"])
    func aTimestampBeyondAllClocksIsNone(timestamp: String) async throws {
        let body = Self.body.replacing(#""timestamp":1795000000500"#, with: #""timestamp":\#(timestamp)"#)
        let signature = RingWebhookSignature(signing: Array(body.utf8), key: try RingHMACKey(Self.key)).headerValue
        let outcome = try await self.ringctl.run(
            "webhook", "verify", "--json", "--signature", signature, input: body)
        #expect(outcome.status == 0, "\(outcome.errorText.suffix(300))")
        #expect(try outcome.results.map { $0["timestamp"]?.isNull ?? true } == [true])
        #expect(try await self.ringctl.run("webhook", "verify", "--signature", signature, input: body).status == 0)
    }

    @Test func computesAndVerifiesTheNonce() async throws {
        let words = ["--account", Self.account, "--time", "1795000000123", "--json"]
        let computed = try await self.ringctl.run(["nonce", "compute"] + words)
        #expect(computed.outputText == #"{"nonce":"\#(Self.nonce)"}"# + "\n")
        let verify = ["nonce", "verify"] + words + ["--nonce"]
        let valid = try await self.ringctl.run(verify + [Self.nonce, "--now", "1795000600123"])
        #expect(valid.status == 0)
        #expect(valid.outputText == #"{"valid":true}"# + "\n")
        for (nonce, now, code) in [
            (Self.nonce, "1795000600124", "stale_nonce"), (Self.nonce, "1795000000122", "stale_nonce"),
            ("dxLSaz-l_PVTIeVqrL1tnKHrCY7RCadgzq9eVzu0wQo", "1795000000123", "nonce_mismatch"),
            ("utNQn2i5sfj6VkXMtSrrawsVzc7twBinYpVlf+tuGdg", "1795000000123", "malformed_nonce"),
            ("-", "1795000000123", "malformed_nonce"),
        ] {
            let outcome = try await self.ringctl.run(verify + [nonce, "--now", now])
            #expect(outcome.status == 7)
            #expect(outcome.failure?["code"]?.string == code)
        }
        let odd = try await self.ringctl.run("nonce", "compute", "--account", "a", "--time", "soon")
        #expect(odd.status == 2)
    }

    @Test func sendsToAListenerThatDeduplicatesAcrossRestarts() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/ringctl-webhooks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let environment = ["RING_HMAC_KEY": Self.key, "RING_STORE": folder + "/ring.sqlite"]
        let ringctl = Ringctl(environment: environment)

        let first = try Self.listener(environment)
        let url = try await Self.address(of: first)
        let sent = try await ringctl.run(
            "webhook", "send", url, "--type", "motion_detected", "--sub-type", "human", "--device", "d1", "--count",
            "3",
            "--json")
        #expect(sent.status == 0)
        #expect(try sent.results.map { $0["status"]?.int64 } == [200, 200, 200])
        // The same bytes twice: known as a repetition, also to the next process.
        let body =
            #"{"meta":{"time":"\#(JSONAPITime.format(Date()))","request_id":"r1"},"data":{"id":"e1","type":"news"}}"#
        #expect(try await Self.post(body, to: url) == 200)
        #expect(try await Self.post(body, to: url) == 200)
        first.signal(15)
        let before = await first.outcome()
        #expect(before.ending == .exited(143))
        #expect(try Self.events(before).map { $0["duplicate"]?.bool } == [false, false, false, false, true])
        #expect(try Self.events(before).first?["type"]?.string == "motion_detected")
        #expect(try Self.events(before).first?["device_id"]?.string == "d1")
        #expect(try Self.events(before).last?["known"]?.bool == false)

        let second = try Self.listener(environment)
        let newURL = try await Self.address(of: second)
        #expect(try await Self.post(body, to: newURL) == 200)
        #expect(try await Self.post(body, to: newURL, signature: "sha256=" + String(repeating: "0", count: 64)) == 401)
        second.signal(2)
        let after = await second.outcome()
        #expect(after.ending == .exited(130))
        #expect(try Self.events(after).map { $0["duplicate"]?.bool } == [true])
        #expect(after.outputText.contains("401 forged"))
    }

    @Test func sendingToARefusingOrAbsentReceiverFails() async throws {
        let listener = try Self.listener(["RING_HMAC_KEY": "another", "RING_STORE": "memory"])
        let url = try await Self.address(of: listener)
        let refused = try await self.ringctl.run("webhook", "send", url, "--type", "button_press", "--json")
        #expect(refused.status == 1)
        #expect(try refused.results.map { $0["status"]?.int64 } == [401])
        listener.signal(15)
        _ = await listener.outcome()
        #expect(try await self.ringctl.run("webhook", "send", url, "--type", "button_press").status == 8)
        #expect(try await self.ringctl.run("webhook", "send", "http://example.com/", "--type", "x").status == 2)
        #expect(try await self.ringctl.run("webhook", "send", url).status == 2)
    }

    @Test func passesOnByteForByteAndGivesBackTheResponse() async throws {
        let seen = Mutex<[(body: String, signature: String?)]>([])
        let status = Mutex(503)
        let server = try await RingListener.startRaw { request in
            seen.withLock { $0.append((String(decoding: request.body, as: UTF8.self), request.headers["X-Signature"])) }
            return RingListenerResponse(status: status.withLock { $0 }, contentType: "text/plain", text: "own words")
        }
        let environment = ["RING_HMAC_KEY": Self.key, "RING_STORE": "memory"]
        let listener = try Self.listener(
            environment, "--forward-to", server.origin + "/hook", "--types", "button_press,device_added")
        let url = try await Self.address(of: listener)
        func body(_ id: String, _ type: String) -> String {
            #"{"meta":{"time":"\#(JSONAPITime.format(Date()))","request_id":"\#(id)"}, "data":{"id":"e1","type":"\#(type)"}}"#
        }
        let press = body("r1", "button_press")
        #expect(try await Self.post(press, to: url) == 503)
        status.withLock { $0 = 200 }
        // A duplicate for this receiver; the server behind it has not taken it yet.
        #expect(try await Self.post(press, to: url) == 200)
        // Of another type, and forged: neither is passed on.
        #expect(try await Self.post(body("r2", "device_online"), to: url) == 200)
        #expect(try await Self.post(press, to: url, signature: "sha256=" + String(repeating: "0", count: 64)) == 401)
        #expect(seen.withLock { $0.map(\.body) } == [press, press])
        let signature = RingWebhookSignature(signing: Array(press.utf8), key: try RingHMACKey(Self.key)).headerValue
        #expect(seen.withLock { $0.map(\.signature) } == [signature, signature])
        await server.stop()
        #expect(try await Self.post(body("r3", "button_press"), to: url) == 502)
        listener.signal(15)
        let outcome = await listener.outcome()
        #expect(try Self.events(outcome).map { $0["request_id"]?.string } == ["r1", "r1", "r3"])
        let wrong = try await Ringctl(environment: environment).run(
            "webhook", "listen", "--port", "0", "--forward-to", "http://example.com/")
        #expect(wrong.status == 2)
    }

    @Test func quarantinedWebhooksAreShownAndReleased() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-quarantine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ringctl = Ringctl(environment: [
            "RING_HMAC_KEY": Self.key, "RING_STORE": folder.appending(path: "ring.sqlite").path(),
        ])
        // Too old for the replay window, so set aside.
        let listener = try Self.listener(ringctl.environment)
        let url = try await Self.address(of: listener)
        for (id, type) in [("q1", "motion_detected"), ("q2", "motion_detected"), ("q3", "button_press")] {
            let body =
                #"{"meta":{"time":"2020-01-01T00:00:00Z","request_id":"\#(id)"},"data":{"id":"e-\#(id)","type":"\#(type)"}}"#
            _ = try await Self.post(body, to: url)
        }
        listener.signal(15)
        _ = await listener.outcome()
        let list = try await ringctl.run("webhook", "quarantine", "list", "--json")
        #expect(try list.results.map { $0["request_id"]?.string } == ["q1", "q2", "q3"], "\(list.errorText)")
        #expect(try list.results.first?["reason"]?.string?.hasPrefix("stale") == true)
        let table = try await ringctl.run("webhook", "quarantine", "list", "--type", "button_press").outputText
        #expect(table.contains("q3") && !table.contains("q1"))
        for words in [[], ["q1", "--all"]] {
            #expect(try await ringctl.run(["webhook", "quarantine", "release"] + words).status == 2)
        }
        let unknown = try await ringctl.run("webhook", "quarantine", "release", "q1", "q9", "--json")
        #expect(unknown.status == 4 && unknown.failure?["code"]?.string == "not_quarantined")
        let one = try await ringctl.run("webhook", "quarantine", "release", "q1", "--json")
        #expect(try one.results.map { $0["request_id"]?.string } == ["q1"])
        let type = try await ringctl.run("webhook", "quarantine", "release", "--type", "button_press", "--json")
        #expect(try type.results.map { $0["request_id"]?.string } == ["q3"])
        #expect(try await ringctl.run("webhook", "quarantine", "release", "--all", "--json").results.count == 1)
        #expect(try await ringctl.run("webhook", "quarantine", "list", "--json").outputText.isEmpty)
        // The next run of a service works on them.
        let again = try Self.listener(ringctl.environment)
        #expect(await again.line { $0.contains(#""request_id":"q3""#) } != nil)
        again.signal(15)
        _ = await again.outcome()
    }

    static func listener(_ environment: [String: String], _ more: String...) throws -> ChildProcess {
        // It prints its address to standard error, which is redirected to standard output.
        try ChildProcess(
            "/bin/sh", ["-c", "exec \"$0\" webhook listen --port 0 --json \"$@\" 2>&1", Ringctl.path] + more,
            environment: environment, input: nil)
    }

    static func address(of listener: ChildProcess) async throws -> String {
        let line = try #require(await listener.line { $0.hasPrefix("listening on ") })
        return String(line.dropFirst("listening on ".count))
    }

    static func post(_ body: String, to url: String, signature: String? = nil) async throws -> Int {
        let key = try RingHMACKey(Self.key)
        let header = signature ?? RingWebhookSignature(signing: Array(body.utf8), key: key).headerValue
        let request = RingCall(
            method: .post, url: try #require(URL(string: url)),
            headerFields: ["X-Signature": header, "Content-Type": "application/json"], body: RingHTTPBody(body),
            operation: RingOperation("test.webhook"))
        return try await RingCurlTransport().send(request).status
    }

    /// The JSON objects among a listener's lines.
    static func events(_ outcome: ChildProcess.Outcome) throws -> [JSONAPIValue] {
        try outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONAPIValue(parsing: String($0))
        }
    }
}
