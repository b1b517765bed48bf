/// What a task that asked for an answer gets first.
enum CurlAnswer: Sendable {
    /// Everything, when it came at once.
    case whole(CurlHead, [UInt8])
    /// The head; the body follows.
    case streaming(CurlHead)
}

/// Whom to tell what, once the loop's lock is free.
enum CurlNews: Sendable {
    case head(CheckedContinuation<CurlAnswer, any Error>, Result<CurlAnswer, any Error>)
    case body(CheckedContinuation<[UInt8]?, any Error>, Result<[UInt8]?, any Error>)

    func tell() {
        switch self {
        case .head(let waiter, let result): waiter.resume(with: result)
        case .body(let waiter, let result): waiter.resume(with: result)
        }
    }
}
