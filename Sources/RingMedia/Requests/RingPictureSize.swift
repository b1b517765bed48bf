internal import RingCore
internal import RingJSONAPI

/// The width and height of pictures, in pixels.
///
/// Wire: `resolution` of `video_options` and `image_options`.
public struct RingPictureSize: Hashable, Sendable {
    /// The width in pixels, 1 to 1920.
    package var width: Int
    /// The height in pixels, 1 to 1080.
    package var height: Int

    /// Creates a size; its limits are checked when the request is.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    var literal: JSONAPILiteral {
        ["width": .int(Int64(self.width)), "height": .int(Int64(self.height))]
    }

    func validate() throws(RingError) {
        guard (1...RingMediaLimits.maximumWidth).contains(self.width),
            (1...RingMediaLimits.maximumHeight).contains(self.height)
        else {
            throw RingError.invalidArgument(
                "the size \(self.width)x\(self.height) is out of limits; the width is 1 to \(RingMediaLimits.maximumWidth), the height 1 to "
                    + "\(RingMediaLimits.maximumHeight) pixels")
        }
    }
}
