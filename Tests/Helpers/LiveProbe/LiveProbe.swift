import Foundation
import RingCore
import RingCurl
import RingLive
import RingSQLite
import RingWHEP

/// A separate process for tests of live sessions that several processes share.
///
/// - `open FILE ORIGIN DEVICE OFFER` opens a session, prints `open`, and closes the session when a line arrives on standard
///   input. OFFER is a file with an SDP offer.
/// - `recover FILE ORIGIN` prints `ready`, waits for a line on standard input, recovers once, and prints `closed DEVICE` for
///   each session that it closed.
/// - `receive FILE ORIGIN DEVICE COUNT FRAMES` opens COUNT sessions one after the other, receives FRAMES pictures of each, and
///   prints a line for each: milliseconds from before the POST to the first picture, then resident kilobytes, threads and
///   descriptors after the session was closed.
/// - `snapshot FILE ORIGIN DEVICE COUNT` takes COUNT still pictures and prints the milliseconds of each.
///
/// FILE is the SQLite file or `memory`, ORIGIN the API's origin.
@main struct LiveProbe {
    static func main() async {
        do {
            try await Self.run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        guard arguments.count >= 3, let origin = URL(string: arguments[2]) else { throw Self.usage }
        let database = arguments[1] == "memory" ? nil : try await RingSQLiteDatabase.open(.file(arguments[1]))
        let shared = RingSharedPipeline(transport: RingCurlTransport(), callLimit: nil)
        let client = WHEPClient(
            api: RingAPIClient(
                baseURL: origin, account: "account-1",
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("test-token")), origin: origin)),
            // The machine may be busy with other tests.
            configuration: WHEPConfiguration(
                maximumMainsDuration: .seconds(600), startTimeout: .seconds(60), closeTimeout: .seconds(60)),
            ledger: WHEPSessionLedger(storage: database ?? RingMemoryStorage() as any RingStorage),
            governor: WHEPGovernor(limits: .none))
        switch (arguments[0], arguments.count) {
        case ("open", 5): try await Self.open(RingDeviceID(rawValue: arguments[3]), offer: arguments[4], client)
        case ("recover", 3): try await Self.recover(client)
        case ("receive", 6):
            guard let count = Int(arguments[4]), let frames = Int(arguments[5]) else { throw Self.usage }
            try await Self.receive(RingDeviceID(rawValue: arguments[3]), count, frames, RingLiveClient(client))
        case ("snapshot", 5):
            guard let count = Int(arguments[4]) else { throw Self.usage }
            for _ in 0..<count {
                let picture = try await RingLiveClient(client).snapshot(RingDeviceID(rawValue: arguments[3]))
                Self.say("\(Int(picture.elapsed / .milliseconds(1)))")
            }
        default: throw Self.usage
        }
        await database?.close()
    }

    private static func open(_ device: RingDeviceID, offer: String, _ client: WHEPClient) async throws {
        let offer = try SDP(parsing: Array(Data(contentsOf: URL(filePath: offer))))
        let session = try await client.open(device, offer: offer, options: WHEPSessionOptions(power: .mains))
        Self.say("open")
        _ = readLine()
        Self.say(await session.close().isOver ? "closed" : "not closed")
    }

    private static func recover(_ client: WHEPClient) async throws {
        Self.say("ready")
        _ = readLine()
        for record in try await client.recover().closed { Self.say("closed \(record.device)") }
    }

    private static func receive(_ device: RingDeviceID, _ count: Int, _ frames: Int, _ live: RingLiveClient)
        async throws
    {
        try await RingLiveClient.prepare()
        for _ in 0..<count {
            let begin = ContinuousClock.now
            let first = try await live.withSession(device) { session in
                var first: Duration?
                var left = frames
                for try await unit in session.accessUnits where unit.track == .video {
                    first = first ?? ContinuousClock.now - begin
                    left -= 1
                    if left <= 0 { break }
                }
                return first
            }
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            func number(_ name: String) -> String {
                let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
                return String(line.filter(\.isNumber))
            }
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            Self.say(
                "\(first.map { Int($0 / .milliseconds(1)) } ?? -1) \(number("VmRSS")) \(number("Threads")) \(descriptors)"
            )
        }
    }

    private static var usage: RingError {
        let message =
            "usage: LiveProbe open FILE ORIGIN DEVICE OFFER, LiveProbe recover FILE ORIGIN, "
            + "LiveProbe receive FILE ORIGIN DEVICE COUNT FRAMES, or LiveProbe snapshot FILE ORIGIN DEVICE COUNT"
        return RingError(code: .misconfigured, message: message)
    }

    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
