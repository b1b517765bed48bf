#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Tiny files that stand for the media of a recording.
enum RecordedMedia {
    /// The type of media that bytes are; `nil` for anything else.
    static func type(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        let name = String(decoding: bytes.dropFirst(4).prefix(4), as: UTF8.self)
        if ["ftyp", "styp", "moov", "mdat", "free"].contains(name) { return "video/mp4" }
        // What is neither text nor known may be anything: it is not kept as it is.
        return bytes.prefix(512).contains { $0 < 0x09 || $0 == 0x7F } ? "application/octet-stream" : nil
    }

    /// A file of a type.
    static func bytes(_ type: String) -> [UInt8] {
        switch type {
        case "image/jpeg": Data(base64Encoded: self.jpeg).map(Array.init) ?? []
        case "image/png": Data(base64Encoded: self.png).map(Array.init) ?? []
        case "video/mp4": self.mp4
        default: [0, 1, 2, 3, 4, 5, 6, 7]
        }
    }

    /// A grey square.
    private static let jpeg =
        "/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAg+Pkk+SVVVVVVVVWRdZGhoaGRkZGRoaGhwcHCDg4NwcHBoaHBwfHyDg4+T"
        + "j4eHg4eTk5ubm7q6srLZ2eD/////xABKAAEAAAAAAAAAAAAAAAAAAAAAAQEAAAAAAAAAAAAAAAAAAAAAEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAA"
        + "AAAAAAAAAAAAAAAA/8AAEQgACAAIAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8AAA//2Q=="

    /// One point.
    private static let png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    /// The boxes of a film of one byte.
    private static let mp4: [UInt8] =
        [0, 0, 0, 16] + Array("ftypisom".utf8) + [0, 0, 2, 0] + [0, 0, 0, 24] + Array("moov".utf8) + [0, 0, 0, 16]
        + Array("trak".utf8) + [0, 0, 0, 8] + Array("stsd".utf8) + [0, 0, 0, 9] + Array("mdat".utf8) + [0]
}
