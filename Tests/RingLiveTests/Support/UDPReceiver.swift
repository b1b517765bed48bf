import Testing

#if canImport(Glibc)
import Glibc
#endif

/// An open UDP socket of 127.0.0.1.
final class UDPReceiver {
    let descriptor: Int32
    let port: Int

    init(port: UInt16 = 0) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        self.descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let descriptor = self.descriptor
        self.port = try unsafe withUnsafeMutablePointer(to: &address) { pointer in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try #require(unsafe bind(descriptor, pointer, size) == 0)
                try #require(unsafe getsockname(descriptor, pointer, &size) == 0)
            }
            return Int(UInt16(bigEndian: unsafe pointer.pointee.sin_port))
        }
    }

    deinit { close(self.descriptor) }

    /// The next datagram; `nil` when none is there.
    func next() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = unsafe recv(self.descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : Array(bytes.prefix(count))
    }
}
