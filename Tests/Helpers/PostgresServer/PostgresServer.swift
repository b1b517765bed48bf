internal import Foundation
internal import RingCore
package import RingPostgres
internal import RingTesting
internal import Synchronization

/// A PostgreSQL server of this test process: on a private socket in a temporary folder, stopped when the process ends.
package final class PostgresServer: Sendable {
    /// Where the server's programs are; `nil` when they are not installed.
    package static let programs: String? = {
        let folders =
            (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql"))?
            .sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" } ?? []
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (folders + path.split(separator: ":").map(String.init))
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
    }()

    package static var isInstalled: Bool { self.programs != nil }

    /// Whether a server can have a disk of a few megabytes: that needs the right to mount.
    package static let canLimitDisk: Bool = {
        let script = "d=$(mktemp -d) && mount -t tmpfs -o size=1m tmpfs $d && umount $d; code=$?; rmdir $d; exit $code"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard PostgresServer.isInstalled, (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// One for all tests, each of which has a schema of its own.
    package static let shared = Task { try await PostgresServer() }

    package let folder: String
    private let process: ChildProcess
    private let commands = Mutex(0)

    /// Makes a cluster and starts its server.
    ///
    /// - Parameters:
    ///   - settings: Further settings of the server.
    ///   - megabytes: The size of a disk of its own, where ``canLimitDisk`` says so.
    ///   - primary: Makes a standby of this server instead of a new cluster.
    package init(
        settings: [String] = [], megabytes: Int? = nil, standbyOf primary: PostgresServer? = nil
    ) async throws {
        guard let programs = Self.programs else {
            throw RingError(code: .misconfigured, message: "PostgreSQL is not installed")
        }
        let folder = NSTemporaryDirectory() + "ring-postgres-" + UUID().uuidString.prefix(8)
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let options =
            ["listen_addresses=", "unix_socket_directories=\(folder)", "max_connections=200", "shared_buffers=64MB"]
            + settings
        let make =
            primary.map { "\(programs)/pg_basebackup -h \($0.folder) -U ring -D data -R -X stream -c fast" }
            ?? "\(programs)/initdb -D data -U ring --auth=trust --no-sync --wal-segsize=\(megabytes == nil ? 16 : 1)"
        let mount = megabytes.map { "mount -t tmpfs -o size=\($0)m tmpfs \(folder)" } ?? "true"
        // The server refuses to run as root.
        let start = """
            \(mount) || exit 1
            [ "$(id -u)" -ne 0 ] && exec bash -c "$1"
            user=postgres; id -u $user >/dev/null 2>&1 || user=nobody
            chown $user \(folder) && runuser -u $user -- bash -c "$1"
            code=$?; umount \(folder) 2>/dev/null; rm -rf \(folder); exit $code
            """
        // The server ends with this process, whose end of the pipe is closed then.
        let script = """
            cd \(folder) && { \(make) >make.log 2>&1 || { cat make.log; exit 1; }; }
            pid() { head -n 1 data/postmaster.pid 2>/dev/null; }
            start() {
                # A server that was killed frees its memory when its last process has ended.
                for try in $(seq 100); do
                    \(programs)/pg_ctl -D data -l server.log -w \
                        -o "\(options.map { "-c '\($0)'" }.joined(separator: " "))" start >start.log 2>&1 && return
                    sleep 0.1
                done
                cat start.log server.log; exit 1
            }
            start; echo ready
            while read -r number command; do
                case "$command" in
                    start) start ;;
                    kill) kill -9 $(pid); while kill -0 $(pid) 2>/dev/null; do sleep 0.01; done ;;
                    fill) dd if=/dev/zero of=filler bs=8k >/dev/null 2>&1 ;;
                    free) rm -f filler; \(programs)/pg_ctl -D data status >/dev/null 2>&1 || start ;;
                    promote) \(programs)/pg_ctl -D data -w promote >/dev/null 2>&1 ;;
                    *) \(programs)/pg_ctl -D data -w -m "$command" stop >/dev/null 2>&1 ;;
                esac
                echo "done $number"
            done
            \(programs)/pg_ctl -D data -w -m immediate stop >/dev/null 2>&1
            cd / && rm -rf \(folder)
            """
        self.process = try ChildProcess("/bin/sh", ["-c", start, "sh", script], input: nil)
        let line = await self.process.line { _ in true }
        guard line == "ready" else {
            throw RingError(
                code: .misconfigured, message: "the server did not start: \(self.process.outputSoFar)")
        }
    }

    deinit { self.process.closeInput() }

    /// What is done to the server.
    package enum Command: String, Sendable {
        /// Starts it again, and returns when it accepts connections.
        case start
        /// Kills its first process, as the system does when there is no memory.
        case kill
        /// Stops it without a shutdown, as a machine without power does.
        case immediate
        /// Stops it, cutting off its clients.
        case fast
        /// Makes a standby the primary.
        case promote
        /// Writes until its disk is full.
        case fill
        /// Makes space again, and starts it when it has ended for the lack of it.
        case free
    }

    /// Does something to the server, and returns when it is done.
    package func perform(_ command: Command) async {
        let number = self.commands.withLock { number in
            number += 1
            return number
        }
        self.process.write(Array("\(number) \(command.rawValue)\n".utf8))
        _ = await self.process.line { $0 == "done \(number)" }
    }

    package var url: String { "postgres:///postgres?host=\(self.folder)&user=ring" }

    /// A new database for a test: a schema of its own.
    package static func newSchema() -> String { "t\(UInt32.random(in: 0 ... .max))" }

    package static func options(_ schema: String) -> RingPostgresOptions {
        var options = RingPostgresOptions()
        options.schema = schema
        options.maximumConnections = 3
        return options
    }
}
