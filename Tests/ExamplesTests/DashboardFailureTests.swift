import Foundation
import RingCore
import RingCurl
import RingSimulator
import RingTesting
import Testing

/// What the dashboard does when its own files cannot be written: people are told, the log says why, and nothing comes back.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .timeLimit(.minutes(2)))
struct DashboardFailureTests {
    private static let form = "application/x-www-form-urlencoded"

    /// Somebody who is signed in: the cookie, and the token of the forms.
    private struct Person {
        var cookie: String
        var token: String
    }

    private func signIn(_ bench: DashboardBench) async throws -> Person {
        let reply = try await send(
            "POST", bench.origin + "/sign-in", ["Content-Type": Self.form, "Origin": bench.origin],
            body: "name=robin%40example.org&password=correct+horse")
        let cookie = String(try #require(reply.fields["Set-Cookie"]).prefix { $0 != ";" })
        let page = try await self.page(bench, cookie)
        let token = try #require(page.text.firstMatch(of: /name="csrf" content="([^"]+)"/))
        return Person(cookie: cookie, token: String(token.1))
    }

    private func page(_ bench: DashboardBench, _ cookie: String, _ path: String = "/") async throws -> Reply {
        try await send("GET", bench.origin + path, ["Cookie": cookie, "Accept": "text/html"])
    }

    private func post(
        _ bench: DashboardBench, _ person: Person, _ path: String, _ fields: [(String, String)] = []
    ) async throws -> Reply {
        let body = ([("csrf", person.token)] + fields).map { "\($0)=\(RingPercentCoding.encode($1))" }
            .joined(separator: "&")
        return try await send(
            "POST", bench.origin + path,
            ["Content-Type": Self.form, "Cookie": person.cookie, "Origin": bench.origin], body: body)
    }

    /// Links the account as Ring does, without a browser, and waits until every shared device was reported.
    private func link(_ bench: DashboardBench) async throws -> Person {
        let person = try await self.signIn(bench)
        #expect(try await bench.simulator.deliverCode() == 200)
        let redirect = try bench.simulator.linkRedirect()
        let target = "/ring/link?nonce=\(redirect.nonce)&time=\(redirect.time)"
        let reply = try await self.post(bench, person, "/ring/link", [("target", target)])
        #expect(reply.fields["Location"]?.hasPrefix("/?done=linked") == true, "\(reply.fields)")
        let count = bench.simulator.devices.count
        try await self.until { self.text(bench, "events.jsonl").components(separatedBy: "device_added").count > count }
        return person
    }

    private func path(_ bench: DashboardBench, _ name: String) -> String { bench.folder + "/dashboard/" + name }

    private func text(_ bench: DashboardBench, _ name: String) -> String {
        (try? String(contentsOfFile: self.path(bench, name), encoding: .utf8)) ?? ""
    }

    /// Puts a folder that is not empty in the place of a file: it can be neither written nor deleted, by nobody.
    private func block(_ bench: DashboardBench, _ name: String) throws {
        let path = self.path(bench, name)
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path + "/in the way", withIntermediateDirectories: true)
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while !(try await condition()) { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func aSignOutThatIsNotStoredIsTold() async throws {
        try await DashboardBench.run { bench async throws in
            let person = try await self.signIn(bench)
            try self.block(bench, "sign-ins.json")
            let reply = try await self.post(bench, person, "/sign-out")
            #expect(reply.status == 303)
            let next = try #require(reply.fields["Location"])
            #expect(try await send("GET", bench.origin + next).text.contains("that could not be stored"))
            // It holds until a restart.
            #expect(try await self.page(bench, person.cookie).fields["Location"] == "/sign-in")
            let log = await bench.stop().errorText
            #expect(log.contains("sign-out: sign-ins.json cannot be replaced: Is a directory"), "\(log)")
        }
    }

    /// The file that cannot be written is deleted: everybody signs in again after a restart.
    @Test func aSignOutIsNotUndoneByARestart() async throws {
        try await DashboardBench.run { bench async throws in
            let other = try await self.signIn(bench)
            try await self.restart(bench)
            #expect(try await self.page(bench, other.cookie).status == 200, "a sign-in survives a restart")
            try self.block(bench, "sign-ins.json.part")
            let reply = try await self.post(bench, other, "/sign-out")
            #expect(reply.fields["Location"] == "/sign-in")
            try await self.restart(bench)
            #expect(try await self.page(bench, other.cookie).fields["Location"] == "/sign-in")
        }
    }

    private func restart(_ bench: DashboardBench) async throws {
        await bench.kill()
        try await bench.startAgain()
    }

    /// The webhook is handled again until the events are deleted.
    @Test func eventsOfARemovedAccountAreDeletedInTheEnd() async throws {
        try await DashboardBench.run { bench async throws in
            let person = try await self.link(bench)
            #expect(self.text(bench, "events.jsonl").contains(bench.simulator.accountID.rawValue))
            let stream = try await RingCurlTransport().send(
                RingCall(
                    method: .get, url: try #require(URL(string: bench.origin + "/events/stream")),
                    headerFields: ["Cookie": person.cookie], operation: .testRead))
            #expect(stream.status == 200)
            var pieces = stream.body.makeAsyncIterator()
            #expect(try await pieces.next() != nil)
            try self.block(bench, "events.jsonl")
            let account = bench.simulator.accountID
            let unlinked = try await send(
                "POST", "\(bench.simulator.controlURL)/accounts/\(account)/unlink",
                ["Content-Type": "application/json"], body: "{}")
            #expect(unlinked.status == 200)
            // The page is told when the first attempt is over; the second comes a second later.
            while let piece = try await pieces.next() {
                if String(decoding: piece, as: UTF8.self).contains("event: reload") { break }
            }
            try FileManager.default.removeItem(atPath: self.path(bench, "events.jsonl"))
            try await self.until { FileManager.default.fileExists(atPath: self.path(bench, "events.jsonl")) }
            #expect(!self.text(bench, "events.jsonl").contains(account.rawValue))
            #expect(!self.text(bench, "consents.json").contains(account.rawValue))
            let log = await bench.stop().errorText
            #expect(log.contains("settlement=retry"), "\(log)")
            #expect(log.contains("events.jsonl cannot be replaced: Is a directory"), "\(log)")
        }
    }

    /// A kill in the middle of a line loses the event of that line, and not the next one.
    @Test func anEventAfterALineThatWasCutIsKept() async throws {
        try await DashboardBench.run { bench async throws in
            _ = try await self.link(bench)
            await bench.kill()
            let before = self.text(bench, "events.jsonl")
            try (before + #"{"number":"#)
                .write(toFile: self.path(bench, "events.jsonl"), atomically: false, encoding: .utf8)
            try await bench.startAgain()
            try bench.simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: "Garden"))
            let count = before.components(separatedBy: "motion_detected").count
            try await self.until {
                self.text(bench, "events.jsonl").components(separatedBy: "motion_detected").count > count
            }
            let lines = self.text(bench, "events.jsonl").split(separator: "\n")
            #expect(lines.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }, "\(lines)")
        }
    }

    @Test func whoUnlinksIsToldWhatStays() async throws {
        try await DashboardBench.run { bench async throws in
            let person = try await self.link(bench)
            bench.simulator.change { $0.linking.insert(.deletionAllowed) }
            try self.block(bench, "events.jsonl")
            let account = bench.simulator.accountID.rawValue
            let reply = try await self.post(bench, person, "/accounts/unlink", [("account", account)])
            let next = try #require(reply.fields["Location"])
            #expect(try await self.page(bench, person.cookie, next).text.contains("not everything about it could be"))
            let log = await bench.stop().errorText
            #expect(log.contains("unlink: events.jsonl cannot be replaced"), "\(log)")
        }
    }

    /// Everything that is kept about people is this user's alone, from its first byte on.
    @Test func theFilesAreThisUsersAlone() async throws {
        try await DashboardBench.run { bench async throws in
            _ = try await self.link(bench)
            for (name, mode) in [
                ("", 0o700), ("sign-ins.json", 0o600), ("events.jsonl", 0o600), ("consents.json", 0o600),
                ("clips", 0o700),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: self.path(bench, name))
                #expect(attributes[.posixPermissions] as? Int == mode, "\(name)")
            }
            #expect(!FileManager.default.fileExists(atPath: self.path(bench, "events.jsonl.part")))
        }
    }

    /// Ring tells once since when media may be read. The panel forgets the event some day; the time is kept.
    @Test func theTimeOfTheConsentOutlivesTheEvents() async throws {
        try await DashboardBench.run { bench async throws in
            let person = try await self.link(bench)
            await bench.kill()
            try FileManager.default.removeItem(atPath: self.path(bench, "events.jsonl"))
            bench.simulator.advance(by: .seconds(120))
            try await bench.startAgain()
            let account = bench.simulator.accountID.rawValue
            let garden = try #require(bench.simulator.devices.first { $0.name == "Garden" }).id.rawValue
            let query =
                "account=\(RingPercentCoding.encode(account))&device=\(RingPercentCoding.encode(garden))"
            let still = try await self.page(bench, person.cookie, "/still?\(query)")
            #expect([200, 204].contains(still.status))
            let asked = bench.simulator.journal.filter { $0.path.hasSuffix("/media/image/download") }
            #expect(!asked.isEmpty)
            #expect(asked.allSatisfy { $0.status != 403 }, "\(asked.map(\.status))")
        }
    }
}
