internal import Foundation

/// The files in `Resources`, read once.
enum MediaFiles {
    private static let clip = Self.read("motion.mp4")
    private static let jpeg = Self.read("still.jpg")
    private static let png = Self.read("still.png")

    static func bytes(_ format: String) -> [UInt8] {
        switch format {
        case "jpeg": Self.jpeg
        case "png": Self.png
        default: Self.clip
        }
    }

    private static func read(_ name: String) -> [UInt8] {
        // Not `resourceURL`: a bundle with a folder of this name takes that for its resources.
        let url = Bundle.module.bundleURL.appendingPathComponent("Resources").appendingPathComponent(name)
        return (try? Data(contentsOf: url)).map(Array.init) ?? []
    }
}
