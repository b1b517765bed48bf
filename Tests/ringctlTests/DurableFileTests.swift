import Foundation
import RingTesting
import Testing

private let hasCompiler = FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")

/// A file has its name only once its bytes are on the disk, and the name is forced there too. Seen from between the program
/// and the system, in a library that is loaded before it.
@Suite(
    .enabled(if: hasCompiler, "whether files are forced to the disk is untested: it needs cc"), .timeLimit(.minutes(2)))
struct DurableFileTests {
    private static let journal = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        static void note(const char *call, const char *a, const char *b) {
            FILE *file = fopen(getenv("JOURNAL"), "a");
            if (!file) return;
            fprintf(file, "%s %s %s\\n", call, a, b);
            fclose(file);
        }
        int fsync(int descriptor) {
            char link[64], path[4096];
            snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
            ssize_t count = readlink(link, path, sizeof path - 1);
            path[count < 0 ? 0 : count] = 0;
            note("fsync", path, "");
            return syscall(SYS_fsync, descriptor);
        }
        int rename(const char *from, const char *to) {
            note("rename", from, to);
            return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
        }
        """

    @Test func theFileThenItsNameAreForcedToTheDisk() async throws {
        let mp4: [UInt8] =
            [0, 0, 0, 8] + Array("ftyp".utf8) + [0, 0, 0, 24] + Array("moov".utf8) + [0, 0, 0, 16] + Array("trak".utf8)
            + [0, 0, 0, 8] + Array("stsd".utf8)
            + [0, 0, 0, 9] + Array("mdat".utf8) + [7]
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                _ = try connection.readBody(of: request)
                try connection.respond(fields: ["Content-Type: video/mp4"], body: mp4)
            }
        }
        defer { server.stop() }
        let work = FileManager.default.temporaryDirectory.appending(path: "ringctl-durable-\(UUID().uuidString)")
        let folder = work.appending(path: "clips")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let (source, library) = (work.appending(path: "journal.c").path(), work.appending(path: "journal.so").path())
        try Data(Self.journal.utf8).write(to: URL(filePath: source))
        let compiled = try await ChildProcess.run("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source])
        try #require(compiled.ending == .exited(0), "\(compiled.errorText)")

        let journal = work.appending(path: "journal").path()
        let path = folder.appending(path: "a.mp4").path()
        let ringctl = Ringctl(environment: [
            "RING_API_URL": server.origin, "RING_ACCESS_TOKEN": "x", "RING_STORE": "memory", "LD_PRELOAD": library,
            "JOURNAL": journal,
        ])
        let outcome = try await ringctl.run(
            "clip", "download", "d1", "--at", "-10m", "--duration", "10s", "-o", path)
        #expect(outcome.status == 0)
        let calls = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        let temporary = try #require(calls.first?.last)
        let folderPath = try #require(temporary.lastIndex(of: "/").map { String(temporary[..<$0]) })
        #expect(temporary.hasSuffix(".part"))
        #expect(calls == [["fsync", temporary], ["rename", temporary, path], ["fsync", folderPath]])
        #expect(path == "\(folderPath)/a.mp4")
    }
}
