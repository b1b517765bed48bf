import FoundationEssentials
import RingCore
import RingLive
import RingPartner

/// `live watch` and `live snapshot`: live video that is received in this process.
enum LiveViewCommands {
    static let all: [Command] = [
        Command(
            path: ["live", "watch"], summary: "statistics of a live session, a line a second",
            usage: "ID [--component C] [--audio]",
            detail: """
                Opens a live session, receives its video and prints what came. It ends with the session: about two seconds before
                Ring's limit, which is 30 seconds for a battery device. Needs GStreamer.
                """,
            flags: [Self.component, Flag(name: "--audio", value: nil, help: "request sound as well")],
            positionals: 1...1, completes: .device, runsUntilStopped: true, run: Self.watch),
        Command(
            path: ["live", "snapshot"], summary: "one picture of a live session into a JPEG file",
            usage: "ID -o FILE [--component C]",
            detail: """
                Wakes the camera, decodes the first key frame and closes the session. `ringctl image download` gives a still of a
                recording without waking the camera. Needs GStreamer.
                """,
            flags: [
                Self.component,
                Flag(name: "-o", value: "FILE", help: "where it goes; - for standard output", completes: .file),
            ],
            positionals: 1...1, completes: .device, run: Self.snapshot),
    ]

    static let component = Flag(name: "--component", value: "C", help: "the lens of a multi-camera device")

    private static func watch(_ context: CommandContext) async throws {
        // Before the camera is woken.
        try await RingLiveClient.prepare()
        let api = try await context.api()
        let device = try await context.device(api)
        let live = RingLiveClient(try await context.live(api, createsStore: true))
        let options = RingLiveOptions(
            receivesAudio: context.arguments.has("--audio"), session: Self.sessionOptions(context))
        let limit = live.expectedDuration(options.session.power).components.seconds
        context.output.remark("the session ends after \(limit) seconds at the latest, by Ring's limit")
        let clock = context.environment.clock
        let begin = clock.uptime()
        try await live.withSession(device, options: options) { session in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for try await _ in session.accessUnits {} }
                group.addTask {
                    while true {
                        try await clock.sleep(for: .seconds(1))
                        try Self.report(session.statistics, after: clock.uptime() - begin, context)
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            try Task.checkCancellation()
            try Self.report(session.statistics, after: clock.uptime() - begin, context)
        }
    }

    private static func report(
        _ statistics: RingLiveStatistics, after time: Duration, _ context: CommandContext
    ) throws {
        let jitter = (statistics.jitter / .milliseconds(1) * 10).rounded() / 10
        try context.output.result(
            .object([
                ("ms", .int(time.wireMilliseconds)), ("frames", .int(Int64(statistics.frameCount))),
                ("bytes", .int(Int64(statistics.byteCount))),
                ("lost_packets", .int(Int64(statistics.lostPacketCount))), ("jitter_ms", .double(jitter)),
            ]),
            text: "\(time.components.seconds) s: \(statistics.frameCount) frames"
                + ", \(Int(statistics.frameRate.rounded())) a second, \(statistics.bitRate / 1000) kbit/s"
                + ", \(statistics.lostPacketCount) packets lost, jitter \(jitter) ms")
    }

    private static func snapshot(_ context: CommandContext) async throws {
        let path = try context.arguments.required("-o")
        try LiveCommands.check(path, flag: "-o")
        if path == "-" { try LiveCommands.refuseTerminal() }
        try await RingLiveClient.prepare()
        let api = try await context.api()
        let device = try await context.device(api)
        let live = RingLiveClient(try await context.live(api, createsStore: true))
        let picture = try await live.snapshot(device, options: RingLiveOptions(session: Self.sessionOptions(context)))
        let milliseconds = picture.elapsed.wireMilliseconds
        let object = JSONAPILiteral.object([
            ("path", .string(path)), ("bytes", .int(Int64(picture.jpeg.count))),
            ("width", .int(Int64(picture.width))), ("height", .int(Int64(picture.height))),
            ("ms", .int(milliseconds)),
        ])
        let text =
            "\(path): \(picture.jpeg.count) bytes, \(picture.width) × \(picture.height), after \(milliseconds) ms"
        guard path != "-" else {
            try context.output.bytes(picture.jpeg)
            return try context.output.secondResult(object, lines: [text])
        }
        try RingOutputFile.replace(path, with: picture.jpeg, mode: 0o600, isDurable: false)
        try context.output.result(object, text: text)
    }

    static func sessionOptions(_ context: CommandContext) -> WHEPSessionOptions {
        WHEPSessionOptions(component: context.arguments["--component"].map(RingComponentID.init(rawValue:)))
    }
}
