import Foundation
import Testing

/// The recorded media beside the tests.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(URL(string: "Fixtures/", relativeTo: Bundle.module.resourceURL))
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static let clips = ["clip.mp4", "clip-faststart.mp4", "clip-fragmented.mp4"]
}
