import FoundationEssentials
import Glibc
import RingLive
import RingPartner

/// `live record`: a live session into a file, a folder or a pipe.
enum LiveRecordCommand {
    static let command = Command(
        path: ["live", "record"], summary: "record a live session",
        usage: "ID -o FILE|rtp://HOST:PORT [--duration D] [--segment D] [--format mp4|h264|hls] [--sdp FILE] [--audio] "
            + "[--chain] [--slate] [--component C] [--power battery|mains]",
        detail: """
            Needs GStreamer. Without --duration the recording ends with the session, after about 28 seconds on a battery; \
            with --chain it goes on with further sessions until Ctrl-C, with a gap of a few seconds at each change. Ctrl-C \
            closes the session and completes the file. What is written while a recording goes on plays, too: up to the last \
            second when the process is killed.

            While a camera streams, it may send no motion and ding webhooks, so --chain may silence them. What happened before \
            the command cannot be recorded.

            The folder of hls has one recording: the files of an earlier one are removed when the first segment of the new one \
            is complete.

            rtp://HOST:PORT sends RTP over UDP, unencrypted, to a media router or a player; --sdp writes the description that \
            it reads. Sound goes to PORT + 2.
            """,
        flags: [
            Flag(
                name: "-o", value: "FILE", help: "a file, - for standard output, a folder for hls, rtp://HOST:PORT",
                completes: .file),
            Flag(name: "--duration", value: "D", help: "how long to record"),
            Flag(name: "--segment", value: "D", help: "begin a file after that time; %n and %t in its name"),
            Flag(
                name: "--format", value: "FORMAT", help: "mp4, h264 or hls",
                completes: .words(["mp4", "h264", "hls"])),
            Flag(name: "--sdp", value: "FILE", help: "with rtp: the description for the receiver", completes: .file),
            Flag(name: "--audio", value: nil, help: "with sound"),
            Flag(name: "--chain", value: nil, help: "open another session when one ends"),
            Flag(name: "--slate", value: nil, help: "with --chain: fill the gaps with gray pictures"),
            LiveViewCommands.component,
            Flag(
                name: "--power", value: "POWER", help: "battery or mains, which decides how long a session lasts",
                completes: .words(["battery", "mains"])),
        ], positionals: 1...1, completes: .device, runsUntilStopped: true, run: Self.run)

    private enum Format: String, CaseIterable { case mp4, h264, hls }

    private static func run(_ context: CommandContext) async throws {
        let arguments = context.arguments
        let path = try arguments.required("-o")
        let duration = try arguments["--duration"].map { try TimeArguments.duration($0, flag: "--duration") }
        if let duration, duration <= .zero { throw UsageError("--duration is longer than nothing") }
        let isChained = arguments.has("--chain")
        let recorder = try Self.recorder(path, context)
        // Before the camera is woken.
        try await RingLiveClient.prepare()
        var options = RingLiveOptions(mode: .recording)
        options.session.component = arguments["--component"].map(RingComponentID.init(rawValue:))
        options.session.power = try Self.power(arguments["--power"])
        // A chain is within the battery's budget; one session is what the user asks for.
        let governor = isChained ? WHEPGovernor() : WHEPGovernor(limits: .none)
        let api = try await context.api()
        let device = try await context.device(api)
        let live = RingLiveClient(try await context.live(api, createsStore: true, governor: governor))
        if isChained {
            context.output.remark("while the camera streams, it may send no motion and ding webhooks")
        } else if let duration, duration > live.expectedDuration(options.session.power) {
            context.output.remark(
                "Ring ends a session after \(live.expectedDuration(options.session.power).components.seconds) s or a little "
                    + "later; --chain goes on with another one")
        }
        let output = context.output
        let drawing = Task {
            for await progress in recorder.progress { output.progress(Self.line(progress)) }
        }
        let outcome: Result<RingLiveRecording, any Error>
        do {
            outcome = .success(
                try await live.record(
                    device, with: recorder, duration: duration, isChained: isChained, options: options))
        } catch let error as RingError where path == "-" && error.code == .diskFull {
            outcome = .failure(
                CommandFailure(
                    .server, code: "output_failed",
                    "standard output cannot be written (no space left on the device); the recording is lost"))
            drawing.cancel()
        } catch {
            outcome = .failure(error)
            drawing.cancel()
        }
        await drawing.value
        output.endProgress()
        try Self.report(try outcome.get(), path, context)
    }

    private static func recorder(_ path: String, _ context: CommandContext) throws -> RingLiveRecorder {
        let arguments = context.arguments
        guard let format = Format(rawValue: arguments["--format"] ?? "mp4") else {
            throw UsageError("--format is mp4, h264 or hls")
        }
        let segment = try arguments["--segment"].map { try TimeArguments.duration($0, flag: "--segment") }
        if format == .h264, arguments.has("--audio") { throw UsageError("h264 has no sound; leave --audio out") }
        if arguments.has("--slate"), !arguments.has("--chain") { throw UsageError("--slate goes with --chain") }
        let address = try Self.rtpAddress(path)
        if arguments.has("--sdp"), address == nil { throw UsageError("--sdp goes with -o rtp://HOST:PORT") }
        if address != nil, arguments.has("--format") || segment != nil {
            throw UsageError("rtp has no format and no segments; leave --format and --segment out")
        }
        if segment != nil, format == .h264 || path == "-" {
            throw UsageError("--segment goes with files of mp4, or with hls")
        }
        if format != .hls, address == nil { try LiveCommands.check(path, flag: "-o") }
        if let description = arguments["--sdp"] {
            guard description != "-" else { throw UsageError("--sdp is a file, not standard output") }
            try LiveCommands.check(description, flag: "--sdp")
        }
        var options = RingLiveRecordingOptions(
            includesAudio: arguments.has("--audio"), fillsGaps: arguments.has("--slate"))
        let destination: RingLiveDestination
        switch (format, path) {
        case _ where address != nil:
            destination = .rtp(host: address?.host ?? "", port: address?.port ?? 0, description: arguments["--sdp"])
        case (.hls, "-"): throw UsageError("hls is a folder; name one with -o")
        case (.hls, _):
            // A folder for a web server: readable as the umask says.
            let mask = umask(0)
            umask(mask)
            options.fileMode = 0o644 & ~UInt32(mask)
            if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
                throw UsageError("-o: the folder \(path) cannot be made")
            }
            destination = .hls(folder: path, segmentDuration: segment ?? .seconds(2))
        case (_, "-"): destination = .descriptor(1, format: format == .h264 ? .h264 : .mp4)
        case (.h264, _): destination = .file(path, format: .h264)
        case (.mp4, _): destination = segment.map { .segments(path, every: $0) } ?? .file(path)
        }
        if path == "-" { try LiveCommands.refuseTerminal() }
        return try RingLiveRecorder(to: destination, options: options, environment: context.environment)
    }

    /// `nil` for a path.
    private static func rtpAddress(_ path: String) throws -> (host: String, port: Int)? {
        let scheme = "rtp://"
        guard path.lowercased().hasPrefix(scheme) else { return nil }
        let text = path.dropFirst(scheme.count)
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = Int(text[text.index(after: colon)...])
        else { throw UsageError("-o: an RTP address is rtp://HOST:PORT, such as rtp://127.0.0.1:5004") }
        let host = text[..<colon]
        guard host.hasPrefix("["), host.hasSuffix("]") else {
            // An address of IPv6 without brackets has no port that can be told from it.
            guard !host.contains(":") else {
                throw UsageError("-o: write an IPv6 address in brackets: rtp://[::1]:5004")
            }
            return (String(host), port)
        }
        return (String(host.dropFirst().dropLast()), port)
    }

    private static func power(_ text: String?) throws -> RingPowerSource {
        switch text {
        case nil: .unknown
        case "battery": .battery
        case "mains": .mains
        default: throw UsageError("--power is battery or mains")
        }
    }

    private static func report(_ recording: RingLiveRecording, _ path: String, _ context: CommandContext) throws {
        let gaps = recording.gaps.map { gap in
            JSONAPILiteral.object([
                ("start_ms", .int(gap.start.wireMilliseconds)), ("length_ms", .int(gap.duration.wireMilliseconds)),
                ("reason", .string(gap.reason)),
            ])
        }
        let isRTP = try Self.rtpAddress(path) != nil
        var fields: [(String, JSONAPILiteral)] = [
            ("path", .string(path)), ("bytes", .int(recording.bytes)),
            ("duration_ms", .int(recording.duration.wireMilliseconds)), ("frames", .int(Int64(recording.frameCount))),
            ("lost_packets", .int(Int64(recording.lostPackets))), ("sessions", .int(Int64(recording.sessionCount))),
            ("gaps", .array(gaps)),
        ]
        if isRTP { fields.append(("dropped_packets", .int(Int64(recording.droppedPackets)))) }
        let object = JSONAPILiteral.object(fields)
        let text =
            "\(path): \(Self.seconds(recording.duration)) s, \(recording.frameCount) pictures, \(recording.bytes) bytes, "
            + "\(recording.lostPackets) packets lost, \(recording.gapCount) gaps"
            + (isRTP ? ", \(recording.droppedPackets) packets not sent" : "")
        if path == "-" {
            try context.output.secondResult(object, lines: [text])
        } else {
            try context.output.result(object, text: text)
        }
        if let failure = recording.failure { throw failure.cause as? RingLiveError ?? failure }
    }

    private static func line(_ progress: RingLiveRecordingProgress) -> String {
        let megabytes = Double(progress.bytes / 100_000) / 10
        return
            "\(Self.seconds(progress.duration)) s, \(progress.frameCount) pictures, \(progress.lostPackets) packets lost, "
            + "\(megabytes) MB" + (progress.sessionCount > 1 ? ", session \(progress.sessionCount)" : "")
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.wireMilliseconds
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
    }
}
