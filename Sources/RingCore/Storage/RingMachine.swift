#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What leases are judged by: the clock that runs since the machine was started, and which processes live.
package struct RingMachine: Sendable {
    /// Tells one run of the machine from the next; empty when that cannot be known.
    package var boot: String
    /// The namespaces in which process numbers and start times mean something; empty when that cannot be known.
    package var namespace: String
    /// This process.
    package var pid: Int64
    /// When this process was started, in ticks; 0 when that cannot be known.
    package var started: Int64
    /// Nanoseconds since the machine was started, suspended time included. No wall clock moves it.
    package var uptime: @Sendable () -> Int64
    /// Whether a process of the same namespace lives, by its number and start; `true` when that cannot be known.
    package var isAlive: @Sendable (_ pid: Int64, _ started: Int64) -> Bool

    package init(
        boot: String, namespace: String, pid: Int64, started: Int64, uptime: @escaping @Sendable () -> Int64,
        isAlive: @escaping @Sendable (_ pid: Int64, _ started: Int64) -> Bool
    ) {
        self.boot = boot
        self.namespace = namespace
        self.pid = pid
        self.started = started
        self.uptime = uptime
        self.isAlive = isAlive
    }

    /// This machine and this process.
    package static var current: RingMachine {
        let pid = Int64(getpid())
        #if os(Linux) || os(Android)
        // Some containers mount a boot id of their own over that of the kernel: it says nothing about other processes.
        let bootPath = "/proc/sys/kernel/random/boot_id"
        let isKernels = Self.device(of: bootPath).map { $0 == Self.device(of: "/proc") } ?? false
        let boot = isKernels ? Self.contents(of: bootPath) ?? "" : ""
        let spaces = ["pid", "time"].compactMap { Self.link("/proc/self/ns/\($0)") }
        let text = Self.contents(of: "/proc/self/stat") ?? ""
        // A /proc of another namespace shows other numbers than this process's own: there the time alone counts.
        let isOwn = Int64(text.prefix { $0 != " " }) == pid
        let started = isOwn ? RingProcessState(stat: text)?.started ?? 0 : 0
        return RingMachine(
            boot: String(boot.prefix { !$0.isWhitespace }),
            namespace: started == 0 ? "" : spaces.joined(separator: " "),
            pid: pid, started: started, uptime: { Self.nanoseconds(CLOCK_BOOTTIME) }, isAlive: Self.isAlive)
        #else
        return RingMachine(
            boot: Self.bootSession ?? "", namespace: "", pid: pid, started: 0,
            uptime: { Self.nanoseconds(CLOCK_MONOTONIC) }, isAlive: { _, _ in true })
        #endif
    }

    /// The same process, for a file that other machines may use as well: what they have in common is the time of day alone.
    package var amongOthers: RingMachine {
        var machine = self
        (machine.boot, machine.namespace) = ("", "")
        machine.uptime = { Self.nanoseconds(CLOCK_REALTIME) }
        return machine
    }

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    #if os(Linux) || os(Android)
    private static func isAlive(_ pid: Int64, _ started: Int64) -> Bool {
        guard let number = pid_t(exactly: pid), number > 0 else { return false }
        if let text = Self.contents(of: "/proc/\(pid)/stat"), let state = RingProcessState(stat: text) {
            return state.started == started && !state.hasEnded
        }
        // There is no such process, or /proc hides it.
        return !(kill(number, 0) != 0 && errno == ESRCH)
    }

    private static func device(of path: String) -> dev_t? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status.st_dev : nil
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = unsafe readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private static func contents(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 2_048)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
    #else
    private static var bootSession: String? {
        var buffer = [CChar](repeating: 0, count: 64)
        var count = buffer.count
        guard unsafe sysctlbyname("kern.bootsessionuuid", &buffer, &count, nil, 0) == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    #endif
}

/// What Linux says about a process in `/proc/<pid>/stat`.
package struct RingProcessState: Hashable, Sendable {
    /// When it was started, in ticks since the machine was.
    package var started: Int64
    /// Whether nothing of it runs any more, even if its parent has not taken note.
    package var hasEnded: Bool

    package init?(stat: String) {
        // The program's name may hold spaces and parentheses.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        // Fields 3 and later: 3 is the state, 20 the number of threads, 22 the start.
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let threads = Int(fields[17]), let started = Int64(fields[19]) else { return nil }
        self.started = started
        // A first thread that has ended is a zombie as well, while others run.
        self.hasEnded = ["Z", "X", "x"].contains(String(fields[0])) && threads <= 1
    }
}
