import Foundation

/// What a player says of a file.
enum Player {
    static func look(at path: String) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
            "stream=codec_name,width,height,nb_frames",
            "-of", "default=noprint_wrappers=1:nokey=0", path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return "ffprobe is not here to look at it" }
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, !said.isEmpty else { return "ffprobe is not here to look at it" }
        return "ffprobe agrees: " + said.split(separator: "\n").joined(separator: ", ")
    }
}
