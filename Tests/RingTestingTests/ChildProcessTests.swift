import RingCore
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    @Test func collectsOutputErrorsAndTheStatus() async throws {
        let outcome = try await ChildProcess.run(
            "/bin/sh", ["-c", "cat; echo problem >&2; exit 3"], input: Array("in".utf8))
        #expect(outcome.ending == .exited(3))
        #expect(outcome.outputText == "in")
        #expect(outcome.errorText == "problem\n")
    }

    @Test func findsALineAndIsEndedByASignal() async throws {
        let child = try ChildProcess("/bin/sh", ["-c", "echo starting; echo ready; exec sleep 60"], input: nil)
        #expect(await child.line { $0.hasPrefix("rea") } == "ready")
        #expect(child.outputSoFar.hasPrefix("starting\n"))
        child.signal(9)
        #expect(await child.outcome().ending == .signalled(9))
        #expect(await child.line { $0 == "never" } == nil)
    }

    @Test func inputCanBeWrittenWhileItRuns() async throws {
        let child = try ChildProcess("/bin/cat", input: nil)
        child.write(Array("one\n".utf8))
        #expect(await child.line { $0 == "one" } == "one")
        child.write(Array("two\n".utf8))
        child.closeInput()
        #expect(await child.outcome().outputText == "one\ntwo\n")
    }

    @Test func hasNoEnvironmentButItsOwn() async throws {
        let outcome = try await ChildProcess.run("/usr/bin/env", environment: ["RING_TEST": "a b"])
        // A run with coverage or a sanitizer passes its variables on.
        let instruments = ["LLVM_PROFILE_FILE=", "LD_PRELOAD=", "ASAN_OPTIONS=", "TSAN_OPTIONS="]
        let own = outcome.outputText.split(separator: "\n").filter { line in
            !instruments.contains { line.hasPrefix($0) }
        }
        #expect(own == ["RING_TEST=a b"])
    }

    @Test func aMissingProgramIsAnError() async throws {
        await #expect { try await ChildProcess.run("/no/such/program") } throws: {
            ($0 as? RingError)?.code == .misconfigured
        }
    }
}
