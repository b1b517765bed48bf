/// Checks media while it is streamed.
enum MediaInspector: Sendable {
    case mp4(MP4Inspector)
    case jpeg(JPEGInspector)
    case png(PNGInspector)

    init?(_ kind: MediaKind) {
        switch kind {
        case .mp4: self = .mp4(MP4Inspector())
        case .jpeg: self = .jpeg(JPEGInspector())
        case .png: self = .png(PNGInspector())
        default: return nil
        }
    }

    /// Checks the next bytes.
    mutating func feed(_ bytes: [UInt8]) throws(MediaFlaw) {
        switch self {
        case .mp4(var inspector):
            defer { self = .mp4(inspector) }
            try inspector.feed(bytes)
        case .jpeg(var inspector):
            defer { self = .jpeg(inspector) }
            try inspector.feed(bytes)
        case .png(var inspector):
            defer { self = .png(inspector) }
            try inspector.feed(bytes)
        }
    }

    /// Checks the end.
    func finish() throws(MediaFlaw) {
        switch self {
        case .mp4(let inspector): try inspector.finish()
        case .jpeg(let inspector): try inspector.finish()
        case .png(let inspector): try inspector.finish()
        }
    }
}
