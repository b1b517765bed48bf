import Foundation
import PostgresServer
import RingJSONAPI
import RingPostgres
import RingTesting
import Synchronization
import Testing

/// `store …`, and `--store` with a PostgreSQL database.
@Suite(.timeLimit(.minutes(3)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct StoreCommandTests {
    private func environment(_ service: TokenService, store: String) -> [String: String] {
        [
            "RING_API_URL": service.origin, "RING_OAUTH_URL": service.origin, "RING_STORE": store,
            "RING_CLIENT_ID": "client", "RING_CLIENT_SECRET": "SECRET-client",
        ]
    }

    @Test func accountsMoveFromAFileAndAreUsedFromPostgres() async throws {
        let server = try await PostgresServer()
        let service = try await TokenService.start()
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "ring.sqlite").path()
        service.state.withLock { state in
            state.codes = ["a", "b", "c"]
            state.hasManyAccounts = true
        }
        let fromFile = Ringctl(environment: self.environment(service, store: file))
        let fromServer = Ringctl(environment: self.environment(service, store: server.url))
        for code in ["a", "b"] { #expect(try await fromFile.run("auth", "exchange", input: code).status == 0) }
        let before = try await fromFile.run("auth", "status", "--json").outputText

        // Nothing is made by a command that only reads.
        let empty = try await fromServer.run("auth", "status", "--json")
        #expect(empty.status == 1 && empty.errorText.contains("missing"), "\(empty.errorText)")

        let migrate = ["store", "migrate", "--from", "sqlite:\(file)", "--to", server.url, "--json"]
        let moved = try await fromFile.run(migrate)
        #expect(moved.status == 0, "\(moved.errorText)")
        #expect(try moved.results.first?["accounts"]?.integer == 2)
        #expect(try await fromServer.run("auth", "status", "--json").outputText == before)
        #expect(try await fromFile.run("auth", "status", "--json").outputText.isEmpty)

        // Again: there is nothing left to do, and nothing is stored twice.
        let again = try await fromFile.run(migrate)
        #expect(try again.status == 0 && again.results.first?["moved"]?.integer == 0, "\(again.errorText)")
        #expect(try await fromServer.run("auth", "status", "--json").outputText == before)
        #expect(try await fromServer.run("auth", "exchange", input: "c").status == 0)
        #expect(try await fromServer.run("auth", "status", "--json").results.count == 3)

        // And back.
        let back = try await fromFile.run("store", "migrate", "--from", server.url, "--to", file)
        #expect(back.status == 0, "\(back.errorText)")
        #expect(try await fromFile.run("auth", "status", "--json").results.count == 3)
        await service.stop()
    }

    @Test func theSchemaCanBeMadeByHand() async throws {
        let server = try await PostgresServer()
        let schema = try await Ringctl().run("store", "schema", "--schema", "elsewhere")
        #expect(schema.status == 0)
        let programs = try #require(PostgresServer.programs)
        let script = try await ChildProcess.run(
            programs + "/psql", ["-v", "ON_ERROR_STOP=1", "-q", server.url], input: Array(schema.outputText.utf8))
        #expect(script.status == 0, "\(script.errorText)")
        var options = RingPostgresOptions()
        (options.schema, options.migrates) = ("elsewhere", false)
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        await storage.close()
        #expect(try await Ringctl().run("store", "schema", "--schema", "no; DROP").status == 2)
    }

    @Test func whatCannotBeMovedIsSaid() async throws {
        for (arguments, status) in [
            (["--from", "/nonexistent.sqlite", "--to", "memory"], 2 as Int32), (["--from", "memory", "--to", "x"], 2),
            (["--from", "x", "--to", "x"], 2), ([], 2),
        ] {
            let outcome = try await Ringctl().run(["store", "migrate"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errorText)")
        }
    }

    @Test(arguments: ["postgre://ring:canary@db.example.com/ring", "host=db.example.com password=canary"])
    func aPasswordInAStoreThatIsNoneIsNotRepeated(store: String) async throws {
        for arguments in [["--from", store, "--to", "x"], ["--from", "x", "--to", store]] {
            let outcome = try await Ringctl().run(["store", "migrate"] + arguments)
            #expect(outcome.status == 2 && !outcome.errorText.contains("canary"), "\(outcome.errorText)")
        }
    }
}
