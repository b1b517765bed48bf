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
    /// The moment in a session at which the process is killed.
    enum Stage: String, CaseIterable, Codable {
        case beforeInsert, afterInsert, duringPost, afterPost, beforeUpdate, afterUpdate, open, beforeDelete
        case afterDelete, beforeRemove, afterRemove
    }

    private static let limit = 2.0

    private static func configuration() -> WHEPConfiguration {
        WHEPConfiguration(
            maximumBatteryDuration: .seconds(Self.limit), maximumMainsDuration: .seconds(Self.limit),
            maximumUnknownDuration: .seconds(Self.limit), closeMargin: .zero,
            startTimeout: .seconds(3), closeTimeout: .seconds(1))
    }

    private static func client(_ base: String, _ transport: any RingTransport, _ storage: any RingStorage) throws
        -> WHEPClient
    {
        let origin = try #require(URL(string: base))
        let shared = RingSharedPipeline(transport: transport, callLimit: nil)
        return WHEPClient(
            api: RingAPIClient(
                baseURL: origin, account: "account-1",
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("t")), origin: origin)),
            configuration: Self.configuration(), ledger: WHEPSessionLedger(storage: storage),
            governor: WHEPGovernor(limits: .none))
    }

    @Test func noSessionIsLeftOpenAfterTwoHundredKills() async throws {
        let server = try LiveServer(limit: Self.limit)
        defer { server.stop() }
        let folder = FileManager.default.temporaryDirectory.path + "/ring-whep-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (base, path) = (server.origin, folder + "/ring.sqlite")
        let database = try await RingSQLiteDatabase.open(.file(path))
        let client = try Self.client(base, RingCurlTransport(), database)

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
            // A session that is still open was interrupted before its URL was known, and the ledger has its record.
            let remembered = try await client.ledger.records().count
            #expect(server.sessions.filter(\.isOpen).count <= remembered, "\(stage)")
        }
        // Sessions that cannot be closed end by themselves, and then their records are deleted.
        try await eventually { try await client.recover().isComplete }
        let sessions = server.sessions
        #expect(sessions.count >= 180)
        #expect(recovered > 0)
        #expect(sessions.filter(\.isOpen).count == 0)
        #expect(try await client.ledger.records() == [])
        await database.close()
    }

    /// Runs in a process of its own: ten sessions at once, and a kill when the first of them reaches the stage.
    private static func dieAt(_ stage: Stage, base: String, path: String, round: Int) async throws {
        let point = KillPoint(stage)
        let database = try await RingSQLiteDatabase.open(.file(path))
        let client = try Self.client(
            base, KillingTransport(transport: RingCurlTransport(), point: point),
            KillingStorage(storage: database, point: point))
        let offer = try Fixture.sdp("offer-aiortc-video")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    // The first session starts when the server has opened the others.
                    if number == 0, stage != .duringPost { await point.others(9) }
                    let session = try await client.open(RingDeviceID(rawValue: "cam-\(round)-\(number)"), offer: offer)
                    if number == 0 { point.reach(.open) } else { for await _ in session.updates() {} }
                    await session.close()
                }
            }
            try await group.waitForAll()
        }
    }

    /// Kills this process at its stage, for the session of the first device only.
    private struct KillPoint: Sendable {
        let stage: Stage
        private let opened = AsyncStream<Void>.makeStream()

        init(_ stage: Stage) { self.stage = stage }

        func reach(_ stage: Stage) { if stage == self.stage { _ = kill(getpid(), SIGKILL) } }

        /// The server has opened a session of another device.
        func otherOpened() { self.opened.continuation.yield() }

        /// Waits until the server has opened so many sessions of other devices.
        func others(_ count: Int) async {
            var opened = self.opened.stream.makeAsyncIterator()
            for _ in 0..<count { await opened.next() }
        }
    }

    private final class KillingStorage: RingStorage {
        let storage: RingSQLiteDatabase
        let point: KillPoint
        /// The record of the first session.
        private let first = Mutex<RingStorageID?>(nil)

        init(storage: RingSQLiteDatabase, point: KillPoint) {
            self.storage = storage
            self.point = point
        }

        func commit(_ changes: [RingStorageChange]) async throws -> Bool {
            let stages = self.stages(of: changes)
            if let stages { self.point.reach(stages.before) }
            let isDone = try await self.storage.commit(changes)
            if let stages { self.point.reach(stages.after) }
            return isDone
        }

        private func stages(of changes: [RingStorageChange]) -> (before: Stage, after: Stage)? {
            guard let change = changes.first else { return nil }
            if case .put(let record, nil, _) = change, case .text(let device) = record.keys[1], device.hasSuffix("-0") {
                self.first.withLock { $0 = record.id }
                return (.beforeInsert, .afterInsert)
            }
            guard self.first.withLock({ $0 }) == change.id else { return nil }
            if case .delete = change { return (.beforeRemove, .afterRemove) }
            return (.beforeUpdate, .afterUpdate)
        }

        var location: String { self.storage.location }
        func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] { try await self.storage.records(ids) }
        func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
            try await self.storage.records(matching: query)
        }
        func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
            try await self.storage.extend(leases, by: duration)
        }
        func close() async { await self.storage.close() }
    }

    private struct KillingTransport: RingTransport {
        let transport: RingCurlTransport
        let point: KillPoint
        func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
            let isFirst = request.url.path().contains("-0/")
            let isPost = request.method == .post
            if isFirst, isPost, self.point.stage == .duringPost {
                Task {
                    while try await !self.hasArrived(request) {}
                    self.point.reach(.duringPost)
                }
            }
            if isFirst, !isPost { self.point.reach(.beforeDelete) }
            let response = try await self.transport.send(request, context: context)
            if isFirst { self.point.reach(isPost ? .afterPost : .afterDelete) }
            if !isFirst, isPost { self.point.otherOpened() }
            return response
        }

        /// Whether the server has received this POST; it responds a little later.
        private func hasArrived(_ post: RingHTTPRequest) async throws -> Bool {
            let response = try await self.transport.send(RingCall(url: post.url, operation: .testRead))
            return response.status == 200
        }
    }
}

/// A small WHEP server, with sessions that end by themselves.
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
        let deletes = Mutex(0)
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
                    // How long a camera takes. A client can ask by GET whether its POST has arrived.
                    usleep(40_000)
                    try connection.respond(
                        201, fields: ["Content-Type: application/sdp", "Location: \(path)"], body: answer)
                case "GET":
                    let hasArrived = box.sessions.withLock { sessions in
                        sessions.keys.contains { $0.hasPrefix(request.target + "/") }
                    }
                    try connection.respond(hasArrived ? 200 : 404)
                default:
                    box.deletes.withLock { $0 += 1 }
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
    var deletes: Int { self.state.deletes.withLock { $0 } }
    func sessions(on device: String) -> [Session] {
        self.state.sessions.withLock { $0.filter { $0.key.contains("/\(device)/") }.map(\.value) }
    }
    func stop() { self.server.stop() }
}
