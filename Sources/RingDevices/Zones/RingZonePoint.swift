/// A place in a picture as shares of its width and height: 0, 0 is the top left corner, 1, 1 the bottom right one.
///
/// Wire: an entry of `vertices`; whole or decimal numbers.
public struct RingZonePoint: Hashable, Sendable, Codable {
    /// From the left edge, 0 to 1. Wire: `x`.
    public var x: Double
    /// From the top edge, 0 to 1. Wire: `y`.
    public var y: Double

    /// Creates a point.
    public init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    /// Creates a point from pixel coordinates in a frame; pixel edges are whole numbers, centres end in .5.
    public init(pixelX x: Double, pixelY y: Double, in frame: RingFrameSize) {
        self.init(x: x / Double(frame.width), y: y / Double(frame.height))
    }

    /// The place in pixels of a frame; pixel edges are whole numbers, centres end in .5.
    package func pixel(in frame: RingFrameSize) -> (x: Double, y: Double) {
        (self.x * Double(frame.width), self.y * Double(frame.height))
    }
}
