internal import Dispatch

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Posts a body over plain HTTP to a numeric address or `localhost`, and returns the status; 0 when no response arrives in time.
///
/// Plain sockets on purpose: the simulator must not depend on the client that it tests.
func loopbackPost(_ url: String, headers: [(String, String)], body: [UInt8], milliseconds: Int) async -> Int {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(returning: blockingPost(url, headers, body, milliseconds))
        }
    }
}

private func blockingPost(_ text: String, _ headers: [(String, String)], _ body: [UInt8], _ milliseconds: Int) -> Int {
    guard let url = URLComponents(string: text), url.scheme == "http", let host = url.host else { return 0 }
    let port = UInt16(exactly: url.port ?? 80) ?? 80
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    guard unsafe inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else { return 0 }
    #if os(Linux)
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    #endif
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    let micros = max(1, milliseconds % 1000) * 1000
    var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: numericCast(micros))
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    guard isConnected else { return 0 }
    var target = url.percentEncodedPath.isEmpty ? "/" : url.percentEncodedPath
    if let query = url.percentEncodedQuery { target += "?\(query)" }
    var head =
        "POST \(target) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    var rest = (Array((head + "\r\n").utf8) + body)[...]
    while !rest.isEmpty {
        let sent = unsafe rest.withUnsafeBytes { buffer in
            #if os(Linux)
            unsafe send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            #else
            unsafe send(descriptor, buffer.baseAddress, buffer.count, 0)
            #endif
        }
        guard sent > 0 else { return 0 }
        rest = rest.dropFirst(sent)
    }
    var response: [UInt8] = []
    while !response.contains(UInt8(ascii: "\n")), response.count < 4096 {
        var piece = [UInt8](repeating: 0, count: 1024)
        let count = unsafe recv(descriptor, &piece, piece.count, 0)
        guard count > 0 else { return 0 }
        response += piece.prefix(count)
    }
    let words = String(decoding: response, as: UTF8.self).split(separator: " ")
    return words.count > 1 && words[0].hasPrefix("HTTP/1.") ? Int(words[1]) ?? 0 : 0
}
