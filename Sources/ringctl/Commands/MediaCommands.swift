import FoundationEssentials
import RingPartner

/// `clip …` and `image …`: recordings into files.
enum MediaCommands {
    static let all: [Command] = [
        Command(
            path: ["clip", "download"], summary: "a piece of a recording into an MP4 file",
            usage: "ID --at T --duration D -o FILE [--codec avc|hevc] [--frame-rate N] [--size WxH] [--audio] "
                + "[--component C] [--wait D]",
            detail: """
                The file gets its name when it is whole. Without --wait, what is not ready is waited for until two minutes after
                the end of the range; the whole command is bounded by --timeout, so raise that for long clips and long waits.
                """,
            flags: [
                Flag(name: "--at", value: "T", help: "where the clip begins"),
                Flag(name: "--duration", value: "D", help: "how long it is, at most 15m"),
                Flag(name: "--codec", value: "CODEC", help: "avc or hevc", completes: .words(["avc", "hevc"])),
                Flag(name: "--frame-rate", value: "N", help: "pictures a second, at most 25"),
                Flag(name: "--audio", value: nil, help: "with sound"),
            ] + Self.common, positionals: 1...1, completes: .device, run: Self.clip),
        Command(
            path: ["image", "download"], summary: "one still of a recording into a file",
            usage: "ID (--at T | --latest [--since T] [--until T]) -o FILE [--format jpeg|png] [--size WxH] "
                + "[--component C] [--wait D]",
            detail: """
                --latest looks back a day unless --since says otherwise. When Ring has no latest still to give, that of the
                newest event of the history is fetched.
                """,
            flags: [
                Flag(name: "--at", value: "T", help: "the moment of the still"),
                Flag(name: "--latest", value: nil, help: "the latest one"),
                Flag(name: "--since", value: "T", help: "with --latest: not before"),
                Flag(name: "--until", value: "T", help: "with --latest: not after, at most a day later"),
                Flag(name: "--format", value: "FORMAT", help: "jpeg or png", completes: .words(["jpeg", "png"])),
            ] + Self.common, positionals: 1...1, completes: .device, run: Self.image),
        ClipSync.command,
    ]

    private static let common = [
        Flag(name: "-o", value: "FILE", help: "where it goes; its folder exists", completes: .file),
        Flag(name: "--size", value: "WxH", help: "the size of the pictures, at most 1920x1080"),
        Flag(name: "--component", value: "C", help: "the lens of a multi-camera device"),
        Flag(name: "--wait", value: "D", help: "how long to wait for what is not ready"),
    ]

    private static func clip(_ context: CommandContext) async throws {
        let arguments = context.arguments
        let path = try Self.file(arguments)
        var request = RingClipRequest(
            device: RingDeviceID(rawValue: try arguments.positional(0, "the device")),
            start: try Self.moment("--at", arguments.required("--at"), context),
            duration: try TimeArguments.duration(arguments.required("--duration"), flag: "--duration"),
            codec: try Self.value(context, "--codec"),
            frameRate: try arguments.integer("--frame-rate", in: 1...RingMediaLimits.maximumFrameRate),
            size: try Self.size(context), isAudioEnabled: arguments.has("--audio"), component: Self.component(context))
        try request.validate(now: context.environment.clock.now())
        let api = try await context.api()
        request.device = try await context.device(api)
        let media = try context.media(api)
        let file = try await Self.drawing(context) { try await media.download(request, to: path, progress: $0) }
        let length =
            file.info.mediaLength?.wireMilliseconds ?? (file.info.isPartial ? nil : request.duration.wireMilliseconds)
        try context.output.result(
            .object(
                Self.members(file) + [
                    ("media_length_ms", length.map { .int($0) } ?? .null), ("partial", .bool(file.info.isPartial)),
                    ("sha256", file.digest.map { .string($0) } ?? .null),
                ]),
            lines: ["\(file.path): \(file.bytes) bytes" + (file.info.isPartial ? ", a part of what was asked for" : "")]
                + (file.digest.map { ["SHA-256 \($0)"] } ?? []))
    }

    /// The file for the media. `-` elsewhere means standard output.
    private static func file(_ arguments: Arguments) throws -> String {
        let path = try arguments.required("-o")
        guard path != "-" else {
            throw UsageError("-o - is not possible: the file is renamed when it is whole; name one, such as ./-")
        }
        return path
    }

    /// The value of a flag with a closed list of values.
    private static func value<Value: CaseIterable & RawRepresentable<String>>(
        _ context: CommandContext, _ flag: String
    ) throws -> Value? {
        guard let text = context.arguments[flag] else { return nil }
        if let value = Value(rawValue: text) { return value }
        throw UsageError("\(flag) is \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
    }

    private static func image(_ context: CommandContext) async throws {
        let arguments = context.arguments
        let path = try Self.file(arguments)
        var request = RingStillRequest(
            device: RingDeviceID(rawValue: try arguments.positional(0, "the device")),
            moment: try Self.still(context), format: try Self.value(context, "--format"),
            size: try Self.size(context), component: Self.component(context))
        try request.validate(now: context.environment.clock.now())
        let api = try await context.api()
        request.device = try await context.device(api)
        let media = try context.media(api)
        let file = try await Self.drawing(context) { try await media.download(request, to: path, progress: $0) }
        try context.output.result(
            .object(Self.members(file) + [("media_origin", file.info.origin.map { .string($0.rawValue) } ?? .null)]),
            text: "\(file.path): \(file.bytes) bytes, \(file.info.detectedType)")
    }

    /// What both kinds of media have in common. The type that the bytes show is a member where it is not the claimed one.
    private static func members(_ file: RingMediaFile) -> [(String, JSONAPILiteral)] {
        let info = file.info
        let detected: [(String, JSONAPILiteral)] =
            info.detectedType == info.contentType ? [] : [("detected_type", .string(info.detectedType))]
        return [
            ("path", .string(file.path)), ("bytes", .int(file.bytes)), ("content_type", .string(info.contentType)),
        ] + detected + [("media_timestamp", Self.timestamp(info))]
    }

    private static func still(_ context: CommandContext) throws -> RingStillRequest.Moment {
        let arguments = context.arguments
        let now = context.environment.clock.now()
        switch (arguments["--at"], arguments.has("--latest")) {
        case (let text?, false):
            guard arguments["--since"] == nil, arguments["--until"] == nil else {
                throw UsageError("--since and --until go with --latest")
            }
            return .at(try Self.moment("--at", text, context))
        case (nil, true):
            let until = try arguments["--until"].map { try Self.moment("--until", $0, context) }
            // A minute short of a day: the present moves on until the window is checked.
            let since =
                try arguments["--since"].map { try Self.moment("--since", $0, context) } ?? (until ?? now) - 86_340
            return .latest(from: since, to: until)
        default: throw UsageError("give either --at T or --latest")
        }
    }

    private static func moment(_ flag: String, _ text: String, _ context: CommandContext) throws -> Date {
        try TimeArguments.moment(text, flag: flag, now: context.environment.clock.now())
    }

    private static func component(_ context: CommandContext) -> RingComponentID? {
        context.arguments["--component"].map(RingComponentID.init(rawValue:))
    }

    private static func size(_ context: CommandContext) throws -> RingPictureSize? {
        guard let text = context.arguments["--size"] else { return nil }
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let width = parts[0], let height = parts[1] else {
            throw UsageError("--size takes a width and a height such as 1280x720")
        }
        return RingPictureSize(width: width, height: height)
    }

    private static func timestamp(_ info: RingMediaInfo) -> JSONAPILiteral {
        info.mediaTimestamp.map { .int($0.epochMilliseconds) } ?? .null
    }

    /// Draws a transfer's progress while it runs.
    private static func drawing(
        _ context: CommandContext, _ transfer: (RingMediaProgressMeter) async throws -> RingMediaFile
    ) async throws -> RingMediaFile {
        let meter = RingMediaProgressMeter(clock: context.environment.clock)
        let output = context.output
        let drawing = Task {
            for await progress in meter.updates { output.progress(Self.line(progress)) }
        }
        let result: Result<RingMediaFile, any Error>
        do { result = .success(try await transfer(meter)) } catch { result = .failure(error) }
        // The meter ended with the transfer, and so did the task that draws.
        await drawing.value
        output.endProgress()
        return try result.get()
    }

    private static func line(_ progress: RingMediaProgress) -> String {
        var line = Self.megabytes(Double(progress.bytes))
        if let total = progress.total, let fraction = progress.fraction {
            line += " of \(Self.megabytes(Double(total))), \(Int(fraction * 100)) %"
        }
        if progress.rate > 0 { line += ", \(Self.megabytes(progress.rate))/s" }
        if let left = progress.timeLeft { line += ", \(left.components.seconds) s left" }
        return line
    }

    private static func megabytes(_ bytes: Double) -> String {
        "\((bytes / 100_000).rounded() / 10) MB"
    }
}

extension Duration {
    /// Whole milliseconds, for JSON results.
    var wireMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

extension CommandContext {
    /// Media of an account.
    func media(_ api: RingAPIClient) throws -> RingMediaClient {
        var media = RingMediaClient(api: api, downloads: self.shared().pipelineWithoutAccessToken())
        media.options.digest = { RingMediaSHA256() }
        if let deadline { media.options.timeout = deadline.remaining(self.environment.clock) }
        if let wait = self.arguments["--wait"] {
            media.options.waiting.limit = .fromNow(try TimeArguments.duration(wait, flag: "--wait"))
        }
        media.newestEvent = { device, window in
            let query = RingHistoryQuery(since: window.lowerBound, until: window.upperBound, limit: 1)
            for try await event in RingDevicesClient(api: api).history(of: device, query) { return event.start }
            return nil
        }
        return media
    }
}
