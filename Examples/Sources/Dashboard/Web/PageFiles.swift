import Foundation
import RingPartner

/// The style sheet, the modules and the picture of the page: files beside the program, read when it starts.
struct PageFiles: Sendable {
    private let files: [String: (type: String, bytes: [UInt8])]

    init() throws {
        guard let folder = Bundle.module.url(forResource: "Files", withExtension: nil) else {
            throw RingError(
                code: .misconfigured, message: "the files of the page are not beside the program; build it again")
        }
        let types = ["js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"]
        var files: [String: (type: String, bytes: [UInt8])] = [:]
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            guard let type = types[file.pathExtension] else { continue }
            files[file.lastPathComponent] = (type, [UInt8](try Data(contentsOf: file)))
        }
        self.files = files
    }

    /// The file of a name; 404 when there is none.
    func response(_ name: Substring) -> RingHTTPResponse {
        guard let file = self.files[String(name)] else { return .text(404, "no such file") }
        return RingHTTPResponse(
            status: 200, headerFields: [.contentType: file.type, "Cache-Control": "no-cache"],
            body: RingHTTPBody(file.bytes))
    }
}
