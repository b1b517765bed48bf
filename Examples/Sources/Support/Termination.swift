import Foundation

/// The signals that ask a process to end: SIGINT and SIGTERM.
public enum Termination {
    /// A handler writes the signal's number here, and a thread reads it. Child processes do not inherit the pipe.
    private static let ends: (read: Int32, write: Int32) = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, -1) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }()

    /// The first signal that arrives from now on. Call it once, before anything else. A second signal ends the process at
    /// once.
    public static func signals() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        let readEnd = Self.ends.read
        Thread.detachNewThread {
            if let number = Self.next(from: readEnd) { continuation.yield(number) }
            if let number = Self.next(from: readEnd) { _exit(128 + number) }
        }
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                // A handler may do no more than this: one write.
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Termination.ends.write, &byte, 1)
            }
        }
        return stream
    }

    private static func next(from descriptor: Int32) -> Int32? {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            if count == 1 { return Int32(byte) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
