/// The size of a picture in pixels.
public struct RingFrameSize: Hashable, Sendable, CustomStringConvertible {
    /// The largest width and height: 16,384 pixels.
    public static let largest = 16_384

    /// Pixels from left to right.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int

    /// Creates a size; `nil` when a side is not between 1 and ``largest``.
    public init?(width: Int, height: Int) {
        guard (1...Self.largest).contains(width), (1...Self.largest).contains(height) else { return nil }
        self.width = width
        self.height = height
    }

    /// `1920x1080`.
    public var description: String { "\(self.width)x\(self.height)" }
}
