import Foundation

/// A folder of one test, removed with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        self.path = FileManager.default.temporaryDirectory.path + "/ring-sqlite-" + UUID().uuidString
    }

    deinit {
        try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: self.path)
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func file(_ name: String = "ring.sqlite") -> String { self.path + "/" + name }

    func mode(_ path: String) throws -> Int {
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        return mode?.intValue ?? -1
    }
}
