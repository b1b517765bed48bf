import RingJSONAPI
import RingTesting
import Testing

/// Runs the program as a shell would.
struct Ringctl: Sendable {
    /// The whole environment; nothing leaks in from the machine that runs the tests.
    var environment: [String: String] = [:]

    static var path: String { ChildProcess.builtPrograms + "/ringctl" }

    func run(_ arguments: String..., input: String = "") async throws -> ChildProcess.Outcome {
        try await self.run(arguments, input: Array(input.utf8))
    }

    func run(_ arguments: [String], input: [UInt8] = []) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(Self.path, arguments, environment: self.environment, input: input)
    }
}

extension ChildProcess.Outcome {
    /// The exit status; -1 when a signal ended it.
    var status: Int32 { if case .exited(let status) = self.ending { status } else { -1 } }

    /// The JSON objects of standard output, a line each.
    var results: [JSONAPIValue] {
        get throws { try self.outputText.split(separator: "\n").map { try JSONAPIValue(parsing: Array($0.utf8)) } }
    }

    /// The error object of the last line of standard error.
    var failure: JSONAPIValue? {
        let line = self.errorText.split(separator: "\n").last.map { Array($0.utf8) }
        return line.flatMap { try? JSONAPIValue(parsing: $0) }?["error"]
    }
}
