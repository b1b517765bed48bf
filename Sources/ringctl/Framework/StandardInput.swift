import Glibc

/// The three standard streams.
enum StandardStreams {
    /// Opens what the caller has closed, so that no database and no connection gets the number of a stream. It can still not
    /// be read from or written to.
    static func fill() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one.
            _ = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }
}

/// Standard input, read so that a signal still ends the command.
enum StandardInput {
    /// - Throws: `UsageError` when there is more than `limit` or it cannot be read; `CancellationError` when cancelled.
    static func readAll(upTo limit: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&descriptor, 1, 100)
            try Task.checkCancellation()
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            let count = unsafe read(0, &buffer, buffer.count)
            if count == 0 { return all }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                throw UsageError("standard input cannot be read")
            }
            all += buffer[..<count]
            guard all.count <= limit else { throw UsageError("standard input is larger than \(limit) bytes") }
        }
    }
}
