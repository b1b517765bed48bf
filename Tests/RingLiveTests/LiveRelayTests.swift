import Foundation
import RingCore
import RingLive
import RingTesting
import RingWHEP
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Debian's coturn.
private enum TURNServer {
    private static let program = "/usr/bin/turnserver"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    /// The first IPv4 address of the machine that is not of loopback.
    static let address: String? = {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return nil }
        defer { unsafe freeifaddrs(list) }
        var item = unsafe list
        while let current = unsafe item {
            unsafe item = current.pointee.ifa_next
            guard unsafe current.pointee.ifa_flags & UInt32(IFF_LOOPBACK) == 0,
                let address = unsafe current.pointee.ifa_addr, unsafe address.pointee.sa_family == AF_INET
            else { continue }
            var text = [CChar](repeating: 0, count: 64)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard unsafe getnameinfo(address, size, &text, 64, nil, 0, NI_NUMERICHOST) == 0 else { continue }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        return nil
    }()

    /// One on a free port, and that port. It relays to loopback addresses, which no other path reaches.
    static func running(_ folder: TestFolder) async throws -> (process: ChildProcess, port: Int) {
        let port = try UDPReceiver().port
        // The pipe to its input ends with this process.
        let process = try ChildProcess(
            "/bin/sh",
            [
                "-c",
                #"d=$1; shift; cd "$d"; "$0" "$@" </dev/null >/dev/null 2>&1 & server=$!; cat >/dev/null; kill $server"#,
                Self.program, folder.file(""), "-n", "--listening-ip", try #require(Self.address), "--listening-port",
                "\(port)", "--relay-ip", "127.0.0.1", "--allow-loopback-peers", "--lt-cred-mech", "--user",
                "door:secret/word", "--realm", "ring.test", "--no-tls", "--no-dtls", "--no-cli", "--no-rfc5780",
                "-v", "--pidfile", folder.file("turn.pid"), "--userdb", folder.file("turn.db"), "--log-file", "stdout",
            ], input: nil)
        let text = ":" + String(port, radix: 16, uppercase: true) + " "
        while !(try String(contentsOfFile: "/proc/net/udp", encoding: .utf8)).contains(text) {
            try await Task.sleep(for: .milliseconds(10))
        }
        return (process, port)
    }
}

/// A path that only a TURN server offers: the peer has loopback addresses, the engine has all others.
@Suite(
    .enabled(LivePeer.reason) { await LivePeer.isReady() },
    .enabled(if: TURNServer.address != nil, "skipped: this machine has no address but those of loopback"),
    .enabled(if: TURNServer.isInstalled, "skipped: needs turnserver (Debian package coturn)"),
    .timeLimit(.minutes(2)))
struct LiveRelayTests {
    @Test func picturesArriveThroughARelay() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let (server, port) = try await TURNServer.running(folder)
        defer { server.closeInput() }
        let turn = WHEPICEServer(
            url: "turn:\(try #require(TURNServer.address)):\(port)?transport=udp", username: "door",
            credential: WHEPICECredential("secret/word"))
        let options = RingLiveOptions(iceServers: [turn], offersLoopback: false, connectTimeout: .seconds(20))

        // The first offers wait for plugins to be loaded, and the tests beside this one begin: a busy machine may not have heard
        // of the server in time.
        var offer = ""
        repeat {
            let engine = RingLiveEngine(options: options, environment: RingEnvironment(), hasLoopback: false)
            offer = try await engine.offer().text
            await engine.close()
        } while !offer.contains("typ relay")
        let session = try await peer.client().open(peer.device(), options: options)
        let units = try await session.first(20)
        let statistics = session.statistics
        await session.close()

        #expect(units.count == 20)
        #expect(statistics.lostPacketCount == 0)
    }

    @Test func withoutTheRelayThereIsNoPath() async throws {
        let peer = try await LivePeer.running()
        let options = RingLiveOptions(offersLoopback: false, connectTimeout: .seconds(3))

        let session = try await peer.client().open(peer.device(), options: options)
        let error = await #expect(throws: RingLiveError.self) { _ = try await session.first(1) }
        await session.close()

        #expect(error?.code == .connectionFailed)
    }
}
