import Foundation
import RingCore
import RingSQLite
import RingTesting
import RingWebhooks
import Testing

#if canImport(Glibc)
import Glibc
#endif

#if os(Linux)
/// A service whose disk is full: what it reports, and that it goes on afterwards.
@Suite(.timeLimit(.minutes(1)), .enabled(if: getuid() == 0, "needs root, to mount a small file system"))
struct RingWebhookFullDiskTests {
    @Test func aFullDiskIsNamed() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ring-inbox-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard unsafe "size=1m".withCString({ unsafe mount("tmpfs", folder, "tmpfs", 0, $0) }) == 0 else {
            return withKnownIssue("no small file system can be mounted here") { Issue.record("skipped") }
        }
        defer { _ = unsafe umount2(folder, 2) }
        let (signer, observer) = (try WebhookSigner(), RecordingObserver())
        let database = try await RingSQLiteDatabase.open(.file("\(folder)/ring.db"))
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: database,
            environment: RingEnvironment(observer: observer), handler: { _ in })
        func send() async -> RingWebhookResponse {
            let draft = RingWebhookDraft(kind: .buttonPress, account: "a", device: "d", occurredAt: Date())
            return await signer.send(draft, to: inbox)
        }
        #expect(await send().outcome == .accepted)

        let filler = "\(folder)/filler"
        _ = FileManager.default.createFile(atPath: filler, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: filler))
        while (try? file.write(contentsOf: Data(count: 512))) != nil {}
        try file.close()
        var response = await send()
        // Pages that SQLite has already may take a few.
        for _ in 0..<1_000 where response.status == 200 { response = await send() }
        #expect(response.outcome == .storeFailed)
        #expect(response.headers[.retryAfter] == "5")
        let failure = try #require(observer.events(RingWebhookStoreFailed.self).last)
        let attributes = Dictionary(
            failure.attributes.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        #expect(attributes["action"] == "save")
        let text = try #require(attributes["failure"])
        #expect(text.contains("disk_full"), "\(text)")
        #expect(text.contains("free some disk space"), "\(text)")

        try FileManager.default.removeItem(atPath: filler)
        #expect(await send().outcome == .accepted)
        #expect(await inbox.shutdown(within: .seconds(10)))
        await database.close()
    }
}
#endif
