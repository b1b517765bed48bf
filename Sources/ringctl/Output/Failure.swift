import RingCore
import RingJSONAPI
import RingLive

/// What is told of a failure: one line for a person or a program, and the exit status.
struct Failure {
    var status: ExitStatus
    var code: String
    var message: String
    var httpStatus: Int?
    var requestID: String?
    var retryAfter: Duration?

    /// Puts any error into the terms of the contract. Text from outside this package is never shown.
    init(_ error: any Error) {
        switch error {
        case let error as UsageError:
            self.init(status: .usage, code: "usage", message: error.message)
        case let error as CommandFailure:
            self.init(status: error.status, code: error.code, message: error.message)
        case let error as RingError:
            let status = ExitStatus(error.code)
            // Whatever a server said, the command line was right.
            let isResponse = error.status != nil || error.delivery == .responded
            self.init(
                status: status == .usage && isResponse ? .server : status, code: error.code.rawValue,
                message: error.message)
            self.httpStatus = error.status
            self.requestID = error.requestID?.rawValue
            self.retryAfter = error.retryAfter
        case let error as RingLiveError:
            self.init(status: ExitStatus(error.code), code: error.code.description, message: error.message)
        case is CancellationError:
            self.init(status: .network, code: "deadline_exceeded", message: "the command did not end in its time")
        default:
            self.init(status: .server, code: "internal", message: "an unexpected failure: \(type(of: error))")
        }
    }

    private init(status: ExitStatus, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// The line of `--json`: `{"error":{…}}`.
    var json: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [("code", .string(self.code)), ("message", .string(self.message))]
        if let httpStatus { members.append(("status", .int(Int64(httpStatus)))) }
        if let requestID { members.append(("request_id", .string(requestID))) }
        if let retryAfter {
            let (seconds, attoseconds) = retryAfter.components
            members.append(("retry_after", .double(Double(seconds) + Double(attoseconds) / 1e18)))
        }
        return .object([("error", .object(members))])
    }

    /// The lines for a person.
    var text: String {
        var facts: [String] = []
        if let httpStatus { facts.append("status \(httpStatus)") }
        if let requestID { facts.append("request id \(requestID)") }
        return "ringctl: \(self.message)" + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    }
}

/// The command line, or what was read from standard input, is not what the command takes. Exit status 2.
struct UsageError: Error {
    var message: String
    init(_ message: String) { self.message = message }
}
