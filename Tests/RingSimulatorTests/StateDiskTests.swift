import Dispatch
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tests with a file of the state.
protocol StateTests {}

extension StateTests {
    /// Runs a test with the path of a file in a folder of its own.
    func withFolder(_ test: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("simulator-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await test(folder.path + "/state.json")
    }

    func configuration(_ path: String? = nil) -> RingSimulatorConfiguration {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        configuration.stateFile = path
        return configuration
    }
}

/// What goes wrong with the file of the state: a disk that hangs, another simulator, what is no file.
@Suite(.timeLimit(.minutes(5))) struct StateDiskTests: StateTests {
    /// A disk that does not respond holds up neither responses nor the end. It is told once, and once that it is over.
    @Test func aDiskThatHangsHoldsUpNothing() async throws {
        try await self.withFolder { path in
            let (disk, clock) = (HangingDisk(), ManualClock())
            let (lines, told) = AsyncStream.makeStream(of: String.self)
            var configuration = self.configuration(path)
            configuration.warningLog = { told.yield($0) }
            configuration.stateWrite = { try disk.write($0, $1) }
            configuration.stateClock = clock
            let simulator = try await RingSimulator.start(configuration)
            var heard = lines.makeAsyncIterator()
            disk.hangs = true
            let tokens = "\(simulator.controlURL)/tokens"
            let first = Task { try await send("POST", tokens, body: "{}") }
            await disk.waitUntilItHangs()
            // The response waits for the disk, and for nothing else.
            await clock.sleepers(atLeast: 1)
            clock.advance(by: .seconds(10))
            #expect(try await first.value.status == 200)
            #expect(
                await heard.next()
                    == "state file \(path): the disk has not responded for 10 seconds; responses no longer wait for it, and a "
                    + "restart loses what changes until it is written")
            // No time passes for the others.
            for _ in 0..<3 { #expect(try await send("POST", tokens, body: "{}").status == 200) }
            disk.hangs = false
            #expect(await heard.next() == "state file \(path): it is written again")
            let refresh = try await send("POST", tokens, body: "{}").json?["refresh_token"]?.string
            let kept = try String(contentsOfFile: path, encoding: .utf8)
            #expect(refresh.map { kept.contains($0) } == true)

            disk.hangs = true
            let end = Task { await simulator.stop() }
            let mover = Task {
                while !Task.isCancelled {
                    clock.advance(by: .seconds(10))
                    await Task.yield()
                }
            }
            await end.value
            mover.cancel()
            // What hangs would still replace what another simulator writes.
            await #expect(throws: RingSimulatorError.self) { try await RingSimulator.start(self.configuration(path)) }
            disk.hangs = false
            told.finish()
            #expect(await heard.next()?.contains("the disk has not responded") == true)
        }
    }

    /// Each would replace what the other has written.
    @Test func twoSimulatorsDoNotShareAFile() async throws {
        try await self.withFolder { path in
            let first = try await RingSimulator.start(self.configuration(path))
            await #expect {
                _ = try await RingSimulator.start(self.configuration(path))
            } throws: {
                "\($0)"
                    == "state file \(path): another simulator that runs has it; stop that one, or give this one a file of "
                    + "its own"
            }
            let refresh = first.refreshToken
            await first.stop()
            let second = try await RingSimulator.start(self.configuration(path))
            #expect(second.isValid(refreshToken: refresh))
            await second.stop()
        }
    }

    @Test func aLinkToTheFileStaysALink() async throws {
        try await self.withFolder { path in
            let link = path + ".link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            await (try RingSimulator.start(self.configuration(path))).stop()
            let simulator = try await RingSimulator.start(self.configuration(link))
            let refresh = simulator.refreshToken
            await simulator.stop()
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
            let other = try await RingSimulator.start(self.configuration(path))
            #expect(other.isValid(refreshToken: refresh))
            await other.stop()
        }
    }

    @Test func aLinkToAFileThatIsNotThereYetStaysALink() async throws {
        try await self.withFolder { path in
            let (link, second) = (path + ".link", path + ".second")
            try FileManager.default.createSymbolicLink(atPath: second, withDestinationPath: "state.json")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second)
            let simulator = try await RingSimulator.start(self.configuration(link))
            let refresh = simulator.refreshToken
            await simulator.stop()
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == second)
            let other = try await RingSimulator.start(self.configuration(path))
            #expect(other.isValid(refreshToken: refresh))
            await other.stop()
        }
    }

    /// The system follows `..` from the folder that a link is really in.
    @Test func aLinkInALinkedFolderLeadsWhereTheSystemFollowsIt() async throws {
        try await self.withFolder { path in
            let folder = URL(filePath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(
                atPath: folder + "/real/inner", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/linked", withDestinationPath: "real/inner")
            let link = folder + "/linked/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../state.json")
            await (try RingSimulator.start(self.configuration(link))).stop()
            #expect(FileManager.default.fileExists(atPath: folder + "/real/state.json"))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aLinkToItselfIsNotReplaced() async throws {
        try await self.withFolder { path in
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "state.json")
            await #expect(throws: RingSimulatorError.self) { try await RingSimulator.start(self.configuration(path)) }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "state.json")
        }
    }

    @Test func whatIsNoFileIsNamed() async throws {
        try await self.withFolder { path in
            let folder = URL(filePath: path).deletingLastPathComponent().path
            await #expect {
                _ = try await RingSimulator.start(self.configuration(folder))
            } throws: {
                "\($0)".contains("state file \(folder): it cannot be read: ") && "\($0)".contains("is no ordinary file")
            }
        }
    }
}

/// A disk that does not respond while a test wants it so.
private final class HangingDisk: Sendable {
    private let state = Mutex((hangs: false, waiting: 0))
    private let gate = DispatchSemaphore(value: 0)
    private let change = RingSignal()

    var hangs: Bool {
        get { self.state.withLock { $0.hangs } }
        set {
            let waiting = self.state.withLock { state in
                defer { state.waiting = 0 }
                state.hangs = newValue
                return newValue ? 0 : state.waiting
            }
            for _ in 0..<waiting { self.gate.signal() }
        }
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let waits = self.state.withLock { state in
            if state.hangs { state.waiting += 1 }
            return state.hangs
        }
        if waits {
            self.change.signal()
            self.gate.wait()
        }
        try Data(bytes).write(to: URL(filePath: path))
    }

    func waitUntilItHangs() async { await self.change.wait(until: { self.state.withLock { $0.waiting > 0 } }) }
}
