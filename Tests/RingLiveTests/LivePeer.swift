import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingLive
import RingTesting
import RingWHEP
import Testing

/// The WHEP server of Tests/WHEPPeer: aiortc, which sends H.264 to whoever negotiates. One process serves all tests; it ends with
/// this process.
final class LivePeer: Sendable {
    static let python: String = {
        let variables = ProcessInfo.processInfo.environment
        let cache = variables["XDG_CACHE_HOME"] ?? (variables["HOME"] ?? "") + "/.cache"
        return (variables["RING_PEER_VENV"] ?? cache + "/ring-partner-swift/whep-peer") + "/bin/python"
    }()

    /// Whether the packages are there that `Tests/WHEPPeer/run.sh` installs.
    static let isInstalled = FileManager.default.isExecutableFile(atPath: python)

    /// GStreamer and the peer, for the trait of a suite.
    static func isReady() async -> Bool {
        guard Self.isInstalled else { return false }
        return await Self.hasEngine()
    }

    static func hasEngine() async -> Bool {
        do {
            try await RingLiveClient.prepare()
            return true
        } catch {
            return false
        }
    }

    static let reason: Comment =
        "skipped: needs GStreamer (gstreamer1.0-plugins-base -good -bad gstreamer1.0-nice) and the peer of Tests/WHEPPeer/run.sh"

    private static let shared = Task { try await LivePeer() }

    static func running() async throws -> LivePeer { try await Self.shared.value }

    let origin: URL
    private let process: ChildProcess

    /// - Parameter mediaAddress: The only address that its media come from.
    init(mediaAddress: String = "127.0.0.1") async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "WHEPPeer/whep_server.py").path
        // The pipe to its input ends with this process.
        self.process = try ChildProcess(
            "/bin/sh",
            [
                "-c", #""$0" "$1" --audio --media-address "$2" </dev/null & server=$!; cat >/dev/null; kill $server"#,
                Self.python, script,
                mediaAddress,
            ], input: nil)
        let line = try #require(await self.process.line { $0.hasPrefix(#"{"base""#) })
        let ports = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        self.origin = try #require(ports?["base"].flatMap { URL(string: $0) })
    }

    /// A client of the peer.
    func client(
        _ configuration: WHEPConfiguration = WHEPConfiguration(closeTimeout: .seconds(20)),
        ledger: WHEPSessionLedger? = nil
    ) -> RingLiveClient {
        let shared = RingSharedPipeline(transport: RingCurlTransport.shared, callLimit: nil)
        return RingLiveClient(
            WHEPClient(
                api: RingAPIClient(
                    baseURL: self.origin, account: "account-1",
                    transport: shared.pipeline(
                        tokens: RingFixedToken(RingAccessToken("test-token")), origin: self.origin)),
                configuration: configuration, ledger: ledger, governor: WHEPGovernor(limits: .none)))
    }

    /// A camera of its own, with faults as the server names them.
    func device(_ faults: String...) -> RingDeviceID {
        RingDeviceID(
            rawValue: (["line"] + faults + ["noeoc", "test-\(UUID().uuidString.prefix(8))"]).joined(separator: "~"))
    }

    /// How many requests of a method came for a device.
    func count(_ method: String, _ device: RingDeviceID) async throws -> Int {
        let response = try await RingCurlTransport.shared.send(
            RingHTTPRequest(url: self.origin.appending(path: "__control/log")), for: RingOperation("test.log"))
        let data = Data(try await response.body.bytes(upTo: 1 << 24))
        let log = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        return log.count {
            $0["method"] as? String == method && ($0["path"] as? String)?.contains("/\(device.rawValue)/") == true
        }
    }
}
