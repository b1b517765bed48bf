import RingCore
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ChildProcessSignalTests {
    @Test(arguments: [1, 2, 6, 9, 15] as [Int32]) func aSignalEndsItAndIsReported(_ signal: Int32) async throws {
        let child = try ChildProcess("/bin/sh", ["-c", "ulimit -c 0; echo ready; exec cat"], input: nil)
        #expect(await child.line { $0 == "ready" } == "ready")
        child.signal(signal)
        #expect(await child.outcome().ending == .signalled(signal))
    }

    @Test(arguments: [0, 1, 42, 127, 255] as [Int32]) func everyStatusIsReported(_ status: Int32) async throws {
        let outcome = try await ChildProcess.run("/bin/sh", ["-c", "exit \(status)"])
        #expect(outcome.ending == .exited(status))
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.isEmpty)
    }

    @Test func aProgramMayHandleASignal() async throws {
        let script = "trap 'echo caught; exit 5' TERM; echo ready; while read line; do :; done"
        let child = try ChildProcess("/bin/sh", ["-c", script], input: nil)
        #expect(await child.line { $0 == "ready" } == "ready")
        child.signal(15)
        // The shell runs the trap when its read is interrupted or ends.
        child.closeInput()
        let outcome = await child.outcome()
        #expect(outcome.ending == .exited(5))
        #expect(outcome.outputText == "ready\ncaught\n")
    }

    @Test func bothStreamsMayBeLarge() async throws {
        let script = "head -c 2000000 /dev/zero; head -c 1500000 /dev/zero >&2"
        let outcome = try await ChildProcess.run("/bin/sh", ["-c", script])
        #expect((outcome.output.count, outcome.error.count) == (2_000_000, 1_500_000))
        #expect(outcome.ending == .exited(0))
    }

    @Test func noInputIsAnEmptyInput() async throws {
        let outcome = try await ChildProcess.run("/bin/cat")
        #expect(outcome.output.isEmpty)
        #expect(outcome.ending == .exited(0))
    }

    /// The number of a closed descriptor belongs to the next process that is started.
    @Test func endingTheInputTwiceDoesNotEndAnotherInput() async throws {
        let first = try ChildProcess("/bin/cat", input: [])
        #expect(await first.outcome().ending == .exited(0))
        let second = try ChildProcess("/bin/cat", input: nil)
        first.closeInput()
        first.write(Array("for nobody\n".utf8))
        second.write(Array("for the second\n".utf8))
        #expect(await second.line { _ in true } == "for the second")
        second.closeInput()
        second.closeInput()
        #expect(await second.outcome().outputText == "for the second\n")
    }

    @Test func outputThatIsNotTextIsKept() async throws {
        let bytes = (0...255).map { UInt8($0) }
        let outcome = try await ChildProcess.run("/bin/cat", input: bytes)
        #expect(outcome.output == bytes)
    }

    @Test func aLineIsFoundWithoutItsEnd() async throws {
        let child = try ChildProcess("/bin/sh", ["-c", "printf 'one\\n\\nlast'"])
        #expect(await child.line { $0 == "last" } == "last")
        #expect(await child.line { $0.isEmpty } == nil)
        #expect(await child.outcome().ending == .exited(0))
    }

    @Test(arguments: ["/no/such/folder/program", "/etc", "/etc/hostname", ""])
    func whatIsNoProgramCannotBeStarted(_ path: String) async {
        let error = await #expect(throws: RingError.self) { try await ChildProcess.run(path) }
        #expect(error?.code == .misconfigured)
        #expect(error?.message.contains("cannot be started") == true)
    }
}
