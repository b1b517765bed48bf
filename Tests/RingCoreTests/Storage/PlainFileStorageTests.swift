import Foundation
import RingCore
import RingTesting
import Testing

/// An engine of an adopter's own is small, and the conformance suite is enough to test it.
@Suite(.timeLimit(.minutes(1))) struct PlainFileStorageTests {
    @Test(arguments: RingStorageConformance.rules)
    func conforms(rule: RingStorageConformance.Rule) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/ring-plain-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await rule.check(.init { try PlainFileStorage(folder: folder) })
    }

    @Test func hasAtMost120Lines() throws {
        let path = #filePath.replacing("PlainFileStorageTests.swift", with: "PlainFileStorage.swift")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        // The last one is what follows the final line feed.
        #expect(lines.count - 1 <= 120)
    }
}
