internal import Synchronization

/// The servers that several checks talk to.
enum ConformanceServers {
    /// Responds with what it understood: request line, fields, an empty line, then count and checksum of the body.
    static func echo(ipv6: Bool = false) throws -> RawServer {
        try RawServer(ipv6: ipv6) { connection in
            while let request = try connection.readHead() {
                var count = 0
                var sum = Checksum()
                try connection.readBody(of: request) { bytes in
                    count += bytes.count
                    sum.add(bytes)
                }
                var text = request.line + "\n"
                for field in request.fields { text += "\(field.name): \(field.value)\n" }
                text += "\n\(count) \(sum.value)"
                if request.method == "HEAD" {
                    try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
                } else {
                    try connection.respond(body: Array(text.utf8))
                }
            }
        }
    }

    /// Reads a request on each connection and responds with fixed bytes, then closes.
    static func fixed(_ message: String) throws -> RawServer {
        try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write(message)
        }
    }

    /// Reads a request on each connection, writes some bytes, and then does nothing until the client closes.
    static func stalling(after bytes: String = "") throws -> RawServer {
        try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write(bytes)
            connection.waitUntilClosed()
        }
    }

    /// Bytes whose place in a body can be told from their value.
    static func pattern(_ count: Int, from start: Int64 = 0) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                unsafe buffer[index] = UInt8(truncatingIfNeeded: (start + Int64(index)) &* 31 >> 3)
            }
            filled = count
        }
    }
}

/// A checksum that depends on the order of the bytes.
struct Checksum: Equatable {
    private(set) var value: UInt64 = 14_695_981_039_346_656_037

    mutating func add(_ bytes: [UInt8]) {
        var value = self.value
        for byte in bytes { value = (value ^ UInt64(byte)) &* 1_099_511_628_211 }
        self.value = value
    }
}

/// A number that several threads count up.
final class Tally: Sendable {
    private let number = Mutex<Int64>(0)
    var value: Int64 { self.number.withLock { $0 } }
    func add(_ count: Int64 = 1) { self.number.withLock { $0 += count } }
}
