import RingTesting
import Testing

/// A process that uses a storage, and executes commands.
struct StorageProcess {
    let child: ChildProcess

    /// Starts a process and waits until it has opened the file.
    ///
    /// - Parameter prefix: A program and its arguments that start the process in a special way.
    init(_ path: String, prefix: [String] = []) async throws {
        let words = prefix + [ChildProcess.builtPrograms + "/RingStorageProbe", path]
        self.child = try ChildProcess(words[0], Array(words.dropFirst()), input: nil)
        #expect(await self.child.line { $0 == "open" } == "open")
    }

    /// Gives a command and waits for its line.
    ///
    /// - Parameter reply: What the line begins with, when that is not the command's first word. A command whose line is
    ///   waited for is given once, so that the line is the one of this command.
    func run(_ command: String, reply: String? = nil) async -> String? {
        self.send(command)
        let word = reply ?? String(command.prefix { $0 != " " })
        return await self.child.line { $0.hasPrefix(word) }
    }

    func send(_ command: String) { self.child.write(Array("\(command)\n".utf8)) }

    /// Ends the input and waits for the end.
    func finish() async {
        self.child.closeInput()
        let outcome = await self.child.outcome()
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
    }

    /// Kills it and waits for the end.
    func kill() async {
        self.child.signal(9)
        #expect(await self.child.outcome().ending == .signalled(9))
    }
}
