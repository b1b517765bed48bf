import FoundationEssentials
import RingLive
import RingPartner

/// `live finish`: what killed recordings have left.
enum LiveFinishCommand {
    static let command = Command(
        path: ["live", "finish"], summary: "complete the recordings of killed processes", usage: "FILE… [-o FILE]",
        detail: """
            A recording that is killed leaves NAME.mp4.WORD.part, which plays. This makes an ordinary MP4 file of it, with the \
            name that it was to have, or that of -o. A file that a process is still writing is refused, no file is replaced, and \
            what fails is left as it was. Needs neither GStreamer nor an account. Ctrl-C ends it after the file under way.
            """,
        flags: [Flag(name: "-o", value: "FILE", help: "another name, for one FILE", completes: .file)],
        positionals: 1...1_000, completes: .file, runsUntilStopped: true, run: Self.run)

    private static func run(_ context: CommandContext) async throws {
        let arguments = context.arguments
        let name = arguments["-o"]
        guard name == nil || arguments.positionals.count == 1 else { throw UsageError("-o goes with one FILE") }
        guard name != "-" else { throw UsageError("-o - is not possible: the file itself is completed and renamed") }
        var failure: RingError?
        for part in arguments.positionals {
            guard !Task.isCancelled else {
                if let failure { context.output.failure(Failure(failure)) }
                throw CancellationError()
            }
            let file: RingLiveRecordedFile
            do throws(RingError) {
                file = try await RingLiveRecorder.complete(abandoned: part, as: name)
            } catch {
                // The other files are completed, too. The first failure comes last and decides the exit status.
                if failure == nil { failure = error } else { context.output.failure(Failure(error)) }
                continue
            }
            try Self.report(file, context)
        }
        guard let failure else { return }
        // After a signal nothing that is thrown is printed.
        if Task.isCancelled { context.output.failure(Failure(failure)) }
        throw failure
    }

    private static func report(_ file: RingLiveRecordedFile, _ context: CommandContext) throws {
        let milliseconds = file.duration.wireMilliseconds
        try context.output.result(
            .object([
                ("path", .string(file.path)), ("bytes", .int(file.bytes)), ("duration_ms", .int(milliseconds)),
                ("frames", .int(Int64(file.frameCount))),
            ]),
            text: "\(file.path): \(milliseconds / 1000).\(milliseconds % 1000 / 100) s, \(file.frameCount) pictures, "
                + "\(file.bytes) bytes")
    }
}
