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
        guard let folder = Bundle.module.resourceURL else { return [] }
        let url = folder.appendingPathComponent("Resources").appendingPathComponent(name)
        return (try? Data(contentsOf: url)).map(Array.init) ?? []
    }
}
