#if canImport(CRingTestTLS)
import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// Each in a process of its own, in which SIGPIPE does what it does by default: end the process.
@Suite(.timeLimit(.minutes(1))) struct RingCurlSignalTests {
    @Test func survivesServersThatCloseDuringAnUpload() async {
        await #expect(processExitsWith: .success) {
            var before = sigaction()
            Self.letSIGPIPEKill()
            unsafe sigaction(SIGPIPE, nil, &before)
            // It reads a little of what is sent, and ends the connection in order or with a reset.
            let server = try RawServer { connection in
                guard try connection.readHead() != nil else { return }
                _ = connection.readSome()
                if connection.index.isMultiple(of: 2) { connection.reset() }
            }
            let url = try #require(URL(string: server.origin))
            let lost = await Self.lostUploads(url, RingCurlTransport())
            guard lost == Self.uploads else { exit(2) }
            guard Self.isSIGPIPEAsItWas(before) else { exit(3) }
        }
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "needs the openssl command"))
    func survivesServersThatCloseDuringAnUploadOverTLS() async {
        await #expect(processExitsWith: .success) {
            var before = sigaction()
            Self.letSIGPIPEKill()
            unsafe sigaction(SIGPIPE, nil, &before)
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let certificate = try certificates.issue("IP:127.0.0.1")
            for speaksHTTP2 in [false, true] {
                let context = try TLSContext(
                    certificate: certificate, key: certificates.key, speaksHTTP2: speaksHTTP2)
                let server = try RawServer { raw in
                    let connection = try TLSConnection(raw, context)
                    _ = try connection.read()
                    if raw.index.isMultiple(of: 2) { raw.reset() }
                }
                let url = try #require(URL(string: "https://127.0.0.1:\(server.port)"))
                let transport = RingCurlTransport(
                    configuration: RingCurlConfiguration(certificateAuthorities: .file(certificates.authority)))
                let lost = await Self.lostUploads(url, transport)
                guard lost == Self.uploads else { exit(2) }
            }
            guard Self.isSIGPIPEAsItWas(before) else { exit(3) }
        }
    }

    /// Where libcurl ignores SIGPIPE while it closes connections, it puts back what it found: two threads that do so at
    /// once could put back what the other one left.
    @Test func leavesSIGPIPEAloneWhenTransportsEnd() async {
        await #expect(processExitsWith: .success) {
            var before = sigaction()
            Self.letSIGPIPEKill()
            unsafe sigaction(SIGPIPE, nil, &before)
            let server = try RawServer { connection in
                while try connection.readHead() != nil { try connection.respond() }
            }
            let url = try #require(URL(string: server.origin))
            for _ in 0..<40 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let transport = RingCurlTransport()
                            for operation in [RingOperation.testRead, .testDownload] {
                                _ = try await transport.send(RingCall(url: url, operation: operation))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let start = ContinuousClock.now
            while server.openConnections > 0 || !Self.isSIGPIPEAsItWas(before) {
                if ContinuousClock.now - start > .seconds(10) { exit(3) }
                await Task.yield()
            }
        }
    }

    private static let uploads = 20

    /// How many of many large uploads end with the error of a lost connection.
    private static func lostUploads(_ url: URL, _ transport: RingCurlTransport) async -> Int {
        let body = RingHTTPBody([UInt8](repeating: 1, count: 32 << 20))
        var lost = 0
        for _ in 0..<Self.uploads {
            let request = RingCall(method: .post, url: url, body: body, operation: .testRead)
            do { _ = try await transport.send(request) } catch let error as RingError {
                if error.code == .connectionLost { lost += 1 }
            } catch {}
        }
        return lost
    }

    private static func letSIGPIPEKill() {
        _ = signal(SIGPIPE, SIG_DFL)
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Whether the process still does the same about SIGPIPE.
    private static func isSIGPIPEAsItWas(_ before: sigaction) -> Bool {
        var now = sigaction()
        unsafe sigaction(SIGPIPE, nil, &now)
        // The handler and the first word of the mask; the rest of the mask is not filled in.
        let isSame = unsafe withUnsafeBytes(of: before) { before in
            unsafe withUnsafeBytes(of: now) { unsafe before.prefix(16).elementsEqual($0.prefix(16)) }
        }
        return isSame && now.sa_flags == before.sa_flags
    }
}
#endif
