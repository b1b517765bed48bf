internal import RingCore

/// What is wrong with bytes that should be media.
enum MediaFlaw: Error {
    /// They end too early.
    case cut(String)
    /// They are no readable media from here on.
    case unreadable(String)

    func error(_ operation: RingOperation, _ info: RingMediaInfo) -> RingError {
        switch self {
        case .cut(let what):
            return RingError(
                code: .mediaTruncated, message: "the media is cut: \(what); nothing of it was kept",
                operation: operation, requestID: info.requestID, delivery: .answered)
        case .unreadable(let what):
            return RingError(
                code: .mediaUnreadable,
                message: "the media cannot be read: \(what); the device is most likely encrypted with a key that was "
                    + "thrown away (TAKE), so nothing of it was kept",
                operation: operation, requestID: info.requestID, delivery: .answered)
        }
    }
}
