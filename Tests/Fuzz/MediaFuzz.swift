import Foundation

@testable import RingMedia

func fuzzJPEG(_ bytes: [UInt8]) { fuzzMedia(bytes, as: .jpeg) }
func fuzzMP4(_ bytes: [UInt8]) { fuzzMedia(bytes, as: .mp4) }
func fuzzPNG(_ bytes: [UInt8]) { fuzzMedia(bytes, as: .png) }

/// Files are checked while they arrive; how they are cut into pieces changes nothing.
private func fuzzMedia(_ bytes: [UInt8], as kind: MediaKind) {
    _ = MediaKind(head: Array(bytes.prefix(MediaKind.headLength)), contentType: nil).contentType
    let whole = inspect(bytes, as: kind, piece: max(1, bytes.count))
    for piece in [1, 3, 7, 64] {
        let cut = inspect(bytes, as: kind, piece: piece)
        check(cut == whole, "\(piece) bytes at a time: \(cut), whole: \(whole)")
    }
}

private func inspect(_ bytes: [UInt8], as kind: MediaKind, piece: Int) -> String {
    guard var inspector = MediaInspector(kind) else { return "no inspector" }
    do throws(MediaFlaw) {
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try inspector.feed(Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        try inspector.finish()
        return "good"
    } catch {
        // The kind of the flaw; its text names places, which differ.
        return String("\(error)".prefix { $0 != "(" })
    }
}
