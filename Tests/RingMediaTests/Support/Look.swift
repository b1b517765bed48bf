import Foundation
import RingTesting
import Synchronization
import Testing

/// Looks at a folder while a download is under way: what is under the final name, and who may read the rest.
final class Look: Sendable {
    private let seen = Mutex<[String]>([])
    var finals: [String] { self.seen.withLock { $0 } }

    func note(_ folder: TestFolder) {
        let text = (try? folder.bytes("a.mp4")).map { String(decoding: $0.prefix(16), as: UTF8.self) } ?? "nothing"
        self.seen.withLock { $0.append(text) }
        for name in folder.names where name.hasSuffix(".part") {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.file(name))
            #expect(attributes?[.posixPermissions] as? Int == 0o600)
        }
    }
}
