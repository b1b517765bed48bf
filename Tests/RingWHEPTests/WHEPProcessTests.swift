import Foundation
import RingCore
import RingCurl
import RingSQLite
import RingTesting
import RingWHEP
import Testing

/// Several processes with one file: another process closes the session of a killed one, and no other session.
@Suite(.timeLimit(.minutes(5))) struct WHEPProcessTests {
    private final class Stage: Sendable {
        let server: LiveServer
        let path: String
        private let folder: String

        init() throws {
            self.server = try LiveServer(limit: 600)
            self.folder = FileManager.default.temporaryDirectory.path + "/ring-live-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
            self.path = self.folder + "/ring.sqlite"
            try Data(Fixture.bytes("offer-aiortc-video")).write(to: URL(filePath: self.folder + "/offer.sdp"))
        }

        deinit {
            self.server.stop()
            try? FileManager.default.removeItem(atPath: self.folder)
        }

        /// A process with an open session.
        func start(_ device: String) async throws -> ChildProcess {
            try await self.process("open", [device, self.folder + "/offer.sdp"], until: "open")
        }

        /// A process that recovers sessions on command.
        func startRecovering() async throws -> ChildProcess { try await self.process("recover", [], until: "ready") }

        private func process(_ mode: String, _ arguments: [String], until state: String) async throws -> ChildProcess {
            let process = try ChildProcess(
                ChildProcess.builtPrograms + "/LiveProbe", [mode, self.path, self.server.origin] + arguments, input: nil
            )
            if await process.line(where: { $0 == state }) == nil {
                Issue.record("\(await process.outcome().errorText)")
            }
            return process
        }

        func client(_ database: RingSQLiteDatabase) throws -> WHEPClient {
            let origin = try #require(URL(string: self.server.origin))
            let shared = RingSharedPipeline(transport: RingCurlTransport(), callLimit: nil)
            return WHEPClient(
                api: RingAPIClient(
                    baseURL: origin, account: "account-1",
                    transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("t")), origin: origin)),
                // Where other tests keep the processors busy, a DELETE takes long.
                configuration: WHEPConfiguration(closeTimeout: .seconds(60)),
                ledger: WHEPSessionLedger(storage: database), governor: WHEPGovernor(limits: .none))
        }

        func openSessions(_ device: String) -> Int {
            self.server.sessions(on: device).filter(\.isOpen).count
        }
    }

    @Test func aKilledProcessIsRecoveredWithinTwoSecondsAndALivingOneIsLeftAlone() async throws {
        let stage = try Stage()
        let living = try await stage.start("cam-living")
        let database = try await RingSQLiteDatabase.open(.file(stage.path))
        let client = try stage.client(database)
        var fastest = Duration.seconds(60)
        for round in 0..<3 {
            let device = "cam-doomed-\(round)"
            let doomed = try await stage.start(device)
            #expect(try await client.recover() == WHEPRecovery())
            #expect(stage.openSessions(device) == 1)

            doomed.signal(SIGKILL)
            let killed = ContinuousClock.now
            #expect(await doomed.outcome().ending == .signalled(SIGKILL))
            var closed: [WHEPSessionRecord] = []
            while closed.isEmpty, ContinuousClock.now - killed < .seconds(60) {
                closed = try await client.recover().closed
            }
            fastest = min(fastest, ContinuousClock.now - killed)
            #expect(closed.map(\.device.rawValue) == [device])
            #expect(stage.openSessions(device) == 0)
        }
        // The promise is two seconds from the kill to the closed session; a lease that nobody extends would last for 15.
        // The fastest of three counts, because other tests keep the processors busy at times.
        #expect(fastest < .seconds(2), "from the kill of a process until its session was closed")
        #expect(try await client.recover() == WHEPRecovery())
        #expect(stage.openSessions("cam-living") == 1)
        #expect(try await client.ledger.records().map(\.device) == ["cam-living"])

        living.write(Array("\n".utf8))
        let outcome = await living.outcome()
        #expect(outcome.ending == .exited(0) && outcome.outputText.hasSuffix("closed\n"))
        #expect(stage.server.sessions.filter(\.isOpen).isEmpty)
        #expect(try await client.ledger.records() == [])
        await database.close()
    }

    @Test func manyProcessesThatRecoverAtOnceSendOneDeleteForEachSession() async throws {
        let stage = try Stage()
        var doomed: [ChildProcess] = []
        for number in 0..<4 { doomed.append(try await stage.start("cam-\(number)")) }
        for process in doomed { process.signal(SIGKILL) }
        for process in doomed { _ = await process.outcome() }
        var recovering: [ChildProcess] = []
        for _ in 0..<4 { recovering.append(try await stage.startRecovering()) }
        for process in recovering { process.write(Array("\n".utf8)) }
        var closed: [String] = []
        for process in recovering {
            let outcome = await process.outcome()
            #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
            closed += outcome.outputText.split(separator: "\n").filter { $0.hasPrefix("closed ") }.map(String.init)
        }
        // Each session was closed by one of the four.
        #expect(closed.sorted() == (0..<4).map { "closed cam-\($0)" })
        #expect(stage.server.deletes == 4)
        let database = try await RingSQLiteDatabase.open(.file(stage.path))
        #expect(try await WHEPSessionLedger(storage: database).records() == [])
        await database.close()
    }
}
