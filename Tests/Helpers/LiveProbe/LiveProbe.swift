import Foundation
import RingCore
import RingCurl
import RingSQLite
import RingWHEP

/// A separate process for tests of live sessions that several processes share.
///
/// - `open FILE ORIGIN DEVICE OFFER` opens a session, prints `open`, and closes the session when a line arrives on standard
///   input. OFFER is a file with an SDP offer.
/// - `recover FILE ORIGIN` prints `ready`, waits for a line on standard input, recovers once, and prints `closed DEVICE` for
///   each session that it closed.
///
/// FILE is the SQLite file, ORIGIN the API's origin.
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
        let database = try await RingSQLiteDatabase.open(.file(arguments[1]))
        let shared = RingSharedPipeline(transport: RingCurlTransport(), callLimit: nil)
        let client = WHEPClient(
            api: RingAPIClient(
                baseURL: origin, account: "account-1",
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("t")), origin: origin)),
            // The machine may be busy with other tests.
            configuration: WHEPConfiguration(
                maximumMainsDuration: .seconds(600), startTimeout: .seconds(60), closeTimeout: .seconds(60)),
            ledger: WHEPSessionLedger(storage: database), governor: WHEPGovernor(limits: .none))
        switch (arguments[0], arguments.count) {
        case ("open", 5): try await Self.open(RingDeviceID(rawValue: arguments[3]), offer: arguments[4], client)
        case ("recover", 3): try await Self.recover(client)
        default: throw Self.usage
        }
        await database.close()
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

    private static var usage: RingError {
        let message = "usage: LiveProbe open FILE ORIGIN DEVICE OFFER, or LiveProbe recover FILE ORIGIN"
        return RingError(code: .misconfigured, message: message)
    }

    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
