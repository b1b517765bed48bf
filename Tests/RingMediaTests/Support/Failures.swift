import RingCore
import Testing

/// Runs something that must fail with a `RingError`, and gives the error.
func failure<Value>(
    _ work: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> RingError {
    do {
        let value = try await work()
        Issue.record("there is a result: \(value)", sourceLocation: sourceLocation)
        throw RingError(code: .invalidArgument, message: "no failure")
    } catch let error as RingError {
        return error
    }
}
