import Foundation
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

extension ChildProcessTests {
    @Test func largeOutputAndInputDoNotBlockEachOther() async throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)
        let child = try ChildProcess("/bin/cat", input: nil)
        let writing = Task.detached {
            child.write(bytes)
            child.closeInput()
        }
        let outcome = await child.outcome()
        await writing.value
        #expect(outcome.output.count == bytes.count)
        #expect(outcome.ending == .exited(0))
    }

    @Test func aReaderThatHasLeftDoesNotEndTheTest() async throws {
        let child = try ChildProcess("/bin/sh", ["-c", "exec <&-; echo closed; cat"], input: nil)
        _ = await child.line { $0 == "closed" }
        child.write([UInt8](repeating: 0, count: 1 << 20))
        child.closeInput()
        _ = await child.outcome()
        // A signal to a process that has ended is nothing.
        child.signal(9)
        #expect(await child.outcome().ending != .signalled(9))
    }

    @Test func argumentsAndVariablesArePassedAsTheyAre() async throws {
        let words = ["", "a b", "\"q\"", "$HOME", "ä\n", "*"]
        let outcome = try await ChildProcess.run(
            "/bin/sh",
            ["-c", "for word in \"$@\"; do printf '<%s>' \"$word\"; done; printf '%s' \"$ODD\"", "sh"] + words,
            environment: ["ODD": "x=y\nz"])
        #expect(outcome.outputText == words.map { "<\($0)>" }.joined() + "x=y\nz")
    }

    @Test func itHasTheEnvironmentOfTheTestUnlessOneIsGiven() async throws {
        let own = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let outcome = try await ChildProcess.run("/bin/sh", ["-c", "printf '%s' \"$PATH\""])
        #expect(outcome.outputText == own)
    }

    @Test func severalTestsMayWaitForOneProcess() async throws {
        let child = try ChildProcess("/bin/sh", ["-c", "read line; echo \"got $line\"; exit 4"], input: nil)
        async let first = child.line { $0.hasPrefix("got") }
        async let second = child.line { $0.hasPrefix("never") }
        async let third = child.outcome()
        child.write(Array("word\n".utf8))
        let found = await (first, second, third.ending)
        #expect(found.0 == "got word")
        #expect(found.1 == nil)
        #expect(found.2 == .exited(4))
    }

    @Test func manyStartAtOnceAndKeepTheirStreamsApart() async throws {
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<32 {
                group.addTask {
                    try await ChildProcess.run(
                        "/bin/sh", ["-c", "cat; echo \(number)"], input: Array("\(number):".utf8)
                    )
                    .outputText
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts == Set((0..<32).map { "\($0):\($0)\n" }))
    }

    @Test func theProgramsOfThisPackageAreBesideTheTests() {
        #expect(FileManager.default.fileExists(atPath: ChildProcess.builtPrograms))
    }
}
