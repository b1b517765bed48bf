/// A still picture from a live session.
public struct RingLiveSnapshot: Sendable, Hashable {
    /// The picture as JPEG.
    public var jpeg: [UInt8]
    /// Its width in pixels.
    public var width: Int
    /// Its height in pixels.
    public var height: Int
    /// The time from the call to the picture.
    public var elapsed: Duration

    package init(jpeg: [UInt8], width: Int, height: Int, elapsed: Duration) {
        self.jpeg = jpeg
        self.width = width
        self.height = height
        self.elapsed = elapsed
    }
}
