#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A folder of its own for one test, removed with everything in it.
package final class TestFolder: Sendable {
    /// Its path.
    package let path: String

    /// Creates it among the temporary files.
    package init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "ring-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path()
    }

    // Nobody can be told that it could not be removed.
    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// The path of a file in it.
    package func file(_ name: String) -> String { "\(self.path)/\(name)" }

    /// The names in the folder, hidden ones included.
    package var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? []).sorted() }

    /// What is in a file.
    package func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: self.file(name))))
    }

    /// Writes a file.
    package func write(_ bytes: some Collection<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(filePath: self.file(name)))
    }
}
