import Foundation
import RingCore
import RingCurl
import RingSQLite
import RingTesting
import RingWHEP
import Synchronization
import Testing

/// Processes are killed at every stage of a session; the next start leaves nothing open at the server.
@Suite(.timeLimit(.minutes(5))) struct WHEPCrashTests {
    /// Where in the life of a session the process dies.
    enum Stage: String, CaseIterable, Codable {
        case beforeInsert, afterInsert, duringPost, afterPost, beforeUpdate, afterUpdate, open, beforeDelete
        case afterDelete, beforeRemove, afterRemove
    }

    private static let limit = 2.0

    private static func configuration() -> WHEPConfiguration {
        WHEPConfiguration(
            batteryLimit: .seconds(Self.limit), lineLimit: .seconds(Self.limit), unknownLimit: .seconds(Self.limit),
            margin: .zero, startTimeout: .seconds(3), closeTimeout: .seconds(1))
    }

    private static func client(_ base: String, _ transport: any RingTransport, _ ledger: any WHEPSessionLedger) throws
        -> WHEPClient
    {
        let origin = try #require(URL(string: base))
        let shared = RingSharedPipeline(transport: transport, callLimit: nil)
        return WHEPClient(
            api: RingAPIClient(
                baseURL: origin, account: "account-1",
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("t")), origin: origin)),
            configuration: Self.configuration(), ledger: ledger, governor: WHEPGovernor(limits: .none))
    }

    @Test func noSessionIsLeftOpenAfterTwoHundredKills() async throws {
        let server = try LiveServer(limit: Self.limit)
        defer { server.stop() }
        let folder = FileManager.default.temporaryDirectory.path + "/ring-whep-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (base, path) = (server.origin, folder + "/ring.sqlite")
        let database = try await RingSQLiteDatabase.open(.file(path))
        let ledger = try await RingSQLiteSessionLedger(in: database)
        let client = try Self.client(base, RingCurlTransport(), ledger)

        var recovered = 0
        for round in 0..<22 {
            let stage = Stage.allCases[round % Stage.allCases.count].rawValue
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [base = base as String, path = path as String, stage = stage as String, round = round as Int] in
                try await Self.dieAt(Stage(rawValue: stage) ?? .open, base: base, path: path, round: round)
            }
            let recovery = try await client.recover()
            recovered += recovery.closed.count
            #expect(recovery.failed == [])
            // What is still open was cut off before its URL was known, and the ledger knows of it.
            let remembered = try await ledger.records().count
            #expect(server.sessions.filter(\.isOpen).count <= remembered, "\(stage)")
        }
        try await client.recover(waitsForUnknown: true)
        let sessions = server.sessions
        #expect(sessions.count >= 180)
        #expect(recovered > 0)
        #expect(sessions.filter(\.isOpen).count == 0)
        #expect(try await ledger.records() == [])
        await database.close()
    }

    /// Runs in a process of its own: ten sessions at once, and a kill when the first of them reaches the stage.
    private static func dieAt(_ stage: Stage, base: String, path: String, round: Int) async throws {
        let fuse = Fuse(stage)
        let database = try await RingSQLiteDatabase.open(.file(path))
        let ledger = FusedLedger(ledger: try await RingSQLiteSessionLedger(in: database), fuse: fuse)
        let client = try Self.client(base, FusedTransport(transport: RingCurlTransport(), fuse: fuse), ledger)
        let offer = try Fixture.sdp("offer-aiortc-video")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    // The first session goes its whole way only when the others have begun.
                    if number == 0, stage != .duringPost { try await Task.sleep(for: .milliseconds(60)) }
                    let session = try await client.open(RingDeviceID(rawValue: "cam-\(round)-\(number)"), offer: offer)
                    if number == 0 { fuse.burn(.open) } else { try await Task.sleep(for: .seconds(1)) }
                    await session.close()
                }
            }
            try await group.waitForAll()
        }
    }

    /// Kills this process at its stage, for the session of the first device alone.
    private struct Fuse: Sendable {
        let stage: Stage
        init(_ stage: Stage) { self.stage = stage }
        func burn(_ stage: Stage) { if stage == self.stage { _ = kill(getpid(), SIGKILL) } }
    }

    private struct FusedLedger: WHEPSessionLedger {
        let ledger: RingSQLiteSessionLedger
        let fuse: Fuse
        func insert(_ record: WHEPSessionRecord) async throws {
            let isFirst = record.device.rawValue.hasSuffix("-0")
            if isFirst { self.fuse.burn(.beforeInsert) }
            try await self.ledger.insert(record)
            if isFirst { self.fuse.burn(.afterInsert) }
        }
        func update(_ id: String, sessionURL: URL, mayRunUntil: Date) async throws {
            let isFirst = sessionURL.path().contains("-0/")
            if isFirst { self.fuse.burn(.beforeUpdate) }
            try await self.ledger.update(id, sessionURL: sessionURL, mayRunUntil: mayRunUntil)
            if isFirst { self.fuse.burn(.afterUpdate) }
        }
        func remove(_ id: String) async throws {
            let isFirst = try await self.ledger.records().first { $0.id == id }?.device.rawValue.hasSuffix("-0") == true
            if isFirst { self.fuse.burn(.beforeRemove) }
            try await self.ledger.remove(id)
            if isFirst { self.fuse.burn(.afterRemove) }
        }
        func records() async throws -> [WHEPSessionRecord] { try await self.ledger.records() }
    }

    private struct FusedTransport: RingTransport {
        let transport: RingCurlTransport
        let fuse: Fuse
        func send(_ request: RingHTTPRequest) async throws -> RingHTTPResponse {
            let isFirst = request.url.path().contains("-0/")
            let isPost = request.method == .post
            if isFirst, isPost, self.fuse.stage == .duringPost {
                Task {
                    try await Task.sleep(for: .milliseconds(30))
                    self.fuse.burn(.duringPost)
                }
            }
            if isFirst, !isPost { self.fuse.burn(.beforeDelete) }
            let response = try await self.transport.send(request)
            if isFirst { self.fuse.burn(isPost ? .afterPost : .afterDelete) }
            return response
        }
    }
}

/// A WHEP server of bytes, with sessions that end by themselves.
final class LiveServer: Sendable {
    struct Session: Sendable {
        var until: Date
        var isClosed = false
        var isOpen: Bool { !self.isClosed && Date() < self.until }
    }

    private let state: Box
    private let server: RawServer

    private final class Box: Sendable {
        let sessions = Mutex<[String: Session]>([:])
    }

    init(limit: Double) throws {
        let box = Box()
        let answer = try Fixture.bytes("answer-aiortc-to-aiortc-video")
        self.state = box
        self.server = try RawServer { connection in
            while let request = try connection.readHead() {
                _ = try connection.readBody(of: request)
                switch request.method {
                case "POST":
                    let path = request.target + "/" + UUID().uuidString
                    box.sessions.withLock { $0[path] = Session(until: Date() + limit) }
                    usleep(40_000)
                    try connection.respond(
                        201, fields: ["Content-Type: application/sdp", "Location: \(path)"], body: answer)
                default:
                    let isKnown = box.sessions.withLock { sessions in
                        defer { sessions[request.target]?.isClosed = true }
                        return sessions[request.target]?.isOpen == true
                    }
                    try connection.respond(isKnown ? 200 : 404)
                }
            }
        }
    }

    var origin: String { self.server.origin }
    var sessions: [Session] { self.state.sessions.withLock { Array($0.values) } }
    func stop() { self.server.stop() }
}
