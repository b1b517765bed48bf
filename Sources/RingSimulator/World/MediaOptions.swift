internal import RingJSONAPI
internal import RingListener

/// What a media request asks for beyond the time: the prepared size that comes nearest, the rate, the codec, sound.
struct MediaOptions: Sendable, Hashable {
    private(set) var width: Int?
    private(set) var height: Int?
    /// Pictures a second.
    private(set) var rate = 15
    private(set) var isHEVC = false
    private(set) var hasSound = false
    private(set) var isPNG = false

    init() {}

    /// Reads the body of a request that has been checked; what is missing has its default.
    init(_ request: RingListenerRequest) {
        guard let body = try? JSONAPIValue(parsing: request.body) else { return }
        let (video, image) = (body["video_options"], body["image_options"])
        let resolution = video?["resolution"] ?? image?["resolution"]
        self.width = resolution?["width"]?.int64.map { Int(clamping: $0) }
        self.height = resolution?["height"]?.int64.map { Int(clamping: $0) }
        self.rate = video?["frame_rate"]?.int64.map { min(max(Int(clamping: $0), 1), 25) } ?? 15
        self.isHEVC = video?["codec"]?.string == "hevc"
        self.hasSound = body["audio_options"]?["audio_enabled"]?.bool ?? false
        self.isPNG = image?["format"]?.string == "png"
    }

    /// The largest of some sizes, the smallest first, that fits into what was asked for; the smallest one when none does.
    func size(of sizes: [(width: Int, height: Int)], standard: Int) -> Int {
        guard self.width != nil || self.height != nil else { return standard }
        let (width, height) = (self.width ?? .max, self.height ?? .max)
        return sizes.lastIndex { $0.width <= width && $0.height <= height } ?? 0
    }
}
