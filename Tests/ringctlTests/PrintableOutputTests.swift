import Foundation
import RingCrypto
import RingJSONAPI
import RingListener
import RingTesting
import Testing

/// Nothing that a server, Ring or a user wrote acts on the terminal.
@Suite(.timeLimit(.minutes(3))) struct PrintableOutputTests {
    /// Every control character and mark that there is, each after a letter.
    private static let hostile: String = {
        let values =
            Array(UInt32(1)..<0x20) + Array(0x7F..<0xA0) + [0x2028, 0x2029, 0x061C, 0x200E, 0x200F]
            + Array(0x202A...0x202E) + Array(0x2066...0x2069)
        return values.compactMap { Unicode.Scalar($0) }.reduce(into: "") { $0 += "x\($1)" } + "\u{1B}[31mred\u{1B}[0m"
    }()
    /// The same as JSON escapes, and as the bytes themselves where JSON allows them.
    private static let escaped = Self.hostile.unicodeScalars.map { String(format: "\\u%04x", $0.value) }.joined()
    private static let raw = JSONAPILiteral.string(Self.hostile).text.dropFirst().dropLast()

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A: true
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }

    private func expectClean(_ outcome: ChildProcess.Outcome, lines: Int? = nil, _ what: String) {
        for text in [outcome.outputText, outcome.errorText] {
            let odd = text.unicodeScalars.filter { !Self.isAllowed($0) }.map { String($0.value, radix: 16) }
            #expect(odd.isEmpty, "\(what): \(odd)")
        }
        if let lines { #expect(outcome.outputText.split(separator: "\n").count == lines, "\(what)") }
    }

    private static func service(_ text: String) async throws -> RingListener {
        try await RingListener.startRaw { request in
            let (status, body) =
                switch request.path {
                case "/v1/devices", "/v1/devices/d1":
                    (
                        200,
                        #"{"type":"devices","id":"\#(text)","attributes":{"name":"\#(text)","n\#(text)":{"m":["\#(text)"]}}}"#
                    )
                case "/v1/history/devices/d1/events":
                    (
                        200,
                        #"{"type":"history-events","id":"\#(text)","attributes":{"event_type":"\#(text)","start":1795000000400}}"#
                    )
                case "/v1/users/me":
                    (
                        200,
                        #"{"type":"users","id":"\#(text)","attributes":{"first_name":"\#(text)","email":"\#(text)"}}"#
                    )
                default: (422, "")
                }
            guard status == 200 else {
                return RingListenerResponse(
                    status: status, contentType: "application/json",
                    text: #"{"errors":[{"status":"422","title":"\#(text)","detail":"\#(text)"}]}"#)
            }
            let isList = ["/v1/devices", "/v1/history/devices/d1/events"].contains(request.path)
            return RingListenerResponse(
                status: status, contentType: "application/json", text: #"{"data":\#(isList ? "[\(body)]" : body)}"#)
        }
    }

    @Test(arguments: [Self.escaped, String(Self.raw)])
    func namesAndMessagesOfAServer(text: String) async throws {
        let listener = try await Self.service(text)
        let ringctl = Ringctl(environment: [
            "RING_API_URL": listener.origin, "RING_ACCESS_TOKEN": "SECRET-access", "RING_STORE": "memory",
        ])
        for words in [
            ["devices", "list"], ["devices", "get", "d1"], ["events", "list", "d1"], ["account", "me"],
            ["account", "subscriptions"], ["devices", "status", "d1"], ["devices", "list", "--verbose"],
        ] {
            let plain = try await ringctl.run(words)
            self.expectClean(plain, "\(words)")
            let json = try await ringctl.run(words + ["--json"])
            self.expectClean(json, "\(words) --json")
            #expect(json.status == plain.status)
            // Escaped, not lost.
            if json.status == 0 {
                let values = try json.results.flatMap { $0.members.map(\.value) }
                #expect(values.contains { $0.string == Self.hostile }, "\(words)")
            } else {
                #expect(json.failure?["message"]?.string?.contains("red") == true, "\(words)")
            }
        }
        // One line each: the name adds none.
        self.expectClean(try await ringctl.run("devices", "list"), lines: 2, "the table")
        self.expectClean(try await ringctl.run("account", "me"), lines: 3, "the user")
        await listener.stop()
    }

    @Test func whatTheUserNamedIsShownPlainly() async throws {
        let ringctl = Ringctl(environment: ["RING_STORE": "memory", "RING_ACCESS_TOKEN": "x", "RING_HMAC_KEY": "k"])
        for words in [
            [Self.hostile], ["devices", "list", "--\(Self.hostile)"], ["devices", "list", "--include", Self.hostile],
            ["auth", "status", "--store", "/none/\(Self.hostile)"], ["account", "me", "--api-url", Self.hostile],
            ["simulator", "--scenario", "/none/\(Self.hostile)"], ["auth", "token", "--account", Self.hostile],
        ] {
            self.expectClean(try await ringctl.run(words), "\(words)")
            self.expectClean(try await ringctl.run(words + ["--json"]), "\(words)")
        }
    }

    @Test func webhooks() async throws {
        let environment = ["RING_HMAC_KEY": WebhookCommandTests.key, "RING_STORE": "memory"]
        let time = Date().ISO8601Format()
        let key = try RingHMACKey(WebhookCommandTests.key)
        func body(_ text: String) -> String {
            #"{"meta":{"time":"\#(time)","request_id":"\#(text)","account_id":"\#(text)"},"data":{"id":"\#(text)","#
                + #""type":"\#(text)","attributes":{"sub_type":"\#(text)","source":"\#(text)","source_type":"devices"}}}"#
        }
        for flags in [[], ["--json"], ["--verbose"]] {
            let child = try ChildProcess(
                "/bin/sh", ["-c", "exec \(Ringctl.path) webhook listen --port 0 \(flags.joined()) 2>&1"],
                environment: environment, input: nil)
            let url = try await WebhookCommandTests.address(of: child)
            for text in [Self.escaped, String(Self.raw)] {
                let body = body(text)
                #expect(try await WebhookCommandTests.post(body, to: url) == 200)
                let outcome = try await Ringctl(environment: environment).run(
                    ["webhook", "verify", "--signature"]
                        + [RingWebhookSignature(signing: Array(body.utf8), key: key).headerValue] + flags,
                    input: Array(body.utf8))
                #expect(outcome.status == 0, "\(outcome.errorText)")
                self.expectClean(outcome, lines: 1, "webhook verify \(flags)")
            }
            child.signal(15)
            self.expectClean(await child.outcome(), "webhook listen \(flags)")
        }
    }
}
