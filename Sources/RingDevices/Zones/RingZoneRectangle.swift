/// An upright rectangle in a picture, its edges as shares of the picture's width and height.
public struct RingZoneRectangle: Hashable, Sendable {
    /// The left edge, 0 to 1.
    public var minX: Double
    /// The top edge, 0 to 1.
    public var minY: Double
    /// The right edge, 0 to 1.
    public var maxX: Double
    /// The bottom edge, 0 to 1.
    public var maxY: Double

    /// Creates a rectangle between two opposite corners, given in any order.
    package init(_ first: RingZonePoint, _ second: RingZonePoint) {
        self.minX = min(first.x, second.x)
        self.maxX = max(first.x, second.x)
        self.minY = min(first.y, second.y)
        self.maxY = max(first.y, second.y)
    }

    /// Creates a rectangle from a corner and a size, all as shares.
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.init(RingZonePoint(x: x, y: y), RingZonePoint(x: x + width, y: y + height))
    }

    /// Creates a rectangle from pixels of a frame, such as a detector's box.
    public init(pixelX x: Double, y: Double, width: Double, height: Double, in frame: RingFrameSize) {
        self.init(
            RingZonePoint(pixelX: x, pixelY: y, in: frame),
            RingZonePoint(pixelX: x + width, pixelY: y + height, in: frame))
    }

    /// The whole picture.
    package static let wholePicture = RingZoneRectangle(x: 0, y: 0, width: 1, height: 1)

    /// The share of the picture it covers.
    package var area: Double { (self.maxX - self.minX) * (self.maxY - self.minY) }

    /// Its corners, clockwise from the top left.
    package var corners: [RingZonePoint] {
        [
            RingZonePoint(x: self.minX, y: self.minY), RingZonePoint(x: self.maxX, y: self.minY),
            RingZonePoint(x: self.maxX, y: self.maxY), RingZonePoint(x: self.minX, y: self.maxY),
        ]
    }

    /// Whether a point is inside or on an edge.
    package func contains(_ point: RingZonePoint) -> Bool {
        point.x >= self.minX && point.x <= self.maxX && point.y >= self.minY && point.y <= self.maxY
    }
}
