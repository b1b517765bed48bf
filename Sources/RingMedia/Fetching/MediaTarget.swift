internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One checked clip or still to request.
struct MediaTarget: Sendable {
    var device: RingDeviceID
    /// The last segment but one of the path.
    var kind: Kind
    var body: JSONAPILiteral
    /// The end of the range, which limits the waiting.
    var end: Date
    /// The requested length of a clip.
    var duration: Duration?

    enum Kind: String, Sendable {
        case clip = "video"
        case still = "image"
    }

    init(_ clip: RingClipRequest) {
        self.device = clip.device
        self.kind = .clip
        self.body = clip.literal
        self.end = clip.end
        self.duration = clip.duration
    }

    init(_ still: RingStillRequest, now: Date) {
        self.device = still.device
        self.kind = .still
        self.body = still.literal
        switch still.moment {
        case .at(let moment): self.end = moment
        case .latest(_, let to): self.end = to ?? now
        }
    }

    var path: [String] { ["v1", "devices", self.device.rawValue, "media", self.kind.rawValue, "download"] }
    var request: RingOperation { self.kind == .clip ? .clipRequest : .stillRequest }
    var download: RingOperation { self.kind == .clip ? .clipDownload : .stillDownload }

    func accepts(_ kind: MediaKind) -> Bool {
        switch kind {
        case .mp4: return self.kind == .clip
        case .jpeg, .png: return self.kind == .still
        default: return false
        }
    }
}
