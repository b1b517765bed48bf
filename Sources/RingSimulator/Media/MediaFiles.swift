internal import RingCrypto

/// The media that the simulator serves: real files, in the program itself, so that it can be moved anywhere.
enum MediaFiles {
    private static let clip = RingBase64.decode(Self.clipText) ?? []
    private static let jpeg = RingBase64.decode(Self.jpegText) ?? []
    private static let png = RingBase64.decode(Self.pngText) ?? []

    static func bytes(_ format: String) -> [UInt8] {
        switch format {
        case "jpeg": Self.jpeg
        case "png": Self.png
        default: Self.clip
        }
    }
}
