import Foundation
import RingWHEP
import Testing

/// The recorded descriptions beside the tests.
enum Fixture {
    static let offers = [
        "offer-aiortc-video", "offer-aiortc-video-audio", "offer-chromium156-video", "offer-gstreamer122-video",
        "offer-gstreamer122-video-audio", "offer-janus112-server", "offer-libdatachannel024-video",
    ]
    static let answers = [
        ("answer-aiortc-to-aiortc-video", "offer-aiortc-video"),
        ("answer-aiortc-to-aiortc-video-audio", "offer-aiortc-video-audio"),
        ("answer-aiortc-to-aiortc-video-audio-served", "offer-aiortc-video-audio"),
        ("answer-aiortc-to-chromium156-video", "offer-chromium156-video"),
        ("answer-aiortc-to-gstreamer122-video-audio", "offer-gstreamer122-video-audio"),
    ]
    /// Valid descriptions as their engines wrote them. The other files beside them have one flaw each, which their names say.
    static var all: [String] { self.offers + self.answers.map(\.0) }

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = try #require(URL(string: "Fixtures/SDP/", relativeTo: Bundle.module.resourceURL))
        return Array(try Data(contentsOf: folder.appending(path: "\(name).sdp")))
    }

    static func sdp(_ name: String) throws -> SDP { try SDP(parsing: self.bytes(name)) }

    static func text(_ name: String) throws -> String { String(decoding: try self.bytes(name), as: UTF8.self) }

    /// A fixture with text replaced; fails when there is nothing to replace.
    static func edited(_ name: String, _ edits: (String, String)...) throws -> SDP {
        var text = try self.text(name)
        for (old, new) in edits {
            guard text.contains(old) else { throw FixtureError(message: "\(name) has no \(old)") }
            text = text.replacingOccurrences(of: old, with: new)
        }
        return try SDP(text)
    }
}

struct FixtureError: Error { var message: String }
