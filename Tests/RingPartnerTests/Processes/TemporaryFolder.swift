import Foundation

/// A folder of one test, removed with its last reference.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/ring-processes-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String = "ring.sqlite") -> String { self.path + "/" + name }
}
