import FoundationEssentials
import Glibc
import RingPartner

/// `live …`: sessions for engines outside this process.
enum LiveCommands {
    static let all: [Command] = [
        Command(
            path: ["live", "negotiate"], summary: "post an SDP offer, write the answer",
            usage: "ID --offer FILE --answer FILE [--component C]",
            detail: """
                The offer comes from an engine (a browser, aiortc, GStreamer) with all its candidates; the answer is checked
                and repaired before it is written. One offer is one POST. The session stays open until Ring's limit or
                `ringctl live close`; when the command fails or is ended, it is closed at once.
                """,
            flags: [
                Flag(name: "--offer", value: "FILE", help: "the SDP offer; - for standard input", completes: .file),
                Flag(
                    name: "--answer", value: "FILE", help: "where the SDP answer goes; - for standard output",
                    completes: .file),
                Flag(name: "--component", value: "C", help: "the lens of a multi-camera device"),
            ], positionals: 1...1, completes: .device, run: Self.negotiate),
        Command(
            path: ["live", "close"], summary: "end a live session; already closed is success", usage: "SESSION_URL",
            positionals: 1...1, run: Self.close),
        LiveFinishCommand.command,
    ]

    private static func negotiate(_ context: CommandContext) async throws {
        let offerPath = try context.arguments.required("--offer")
        let answerPath = try context.arguments.required("--answer")
        try Self.check(answerPath, flag: "--answer")
        let bytes = try Self.read(offerPath, context)
        let offer: SDP
        do throws(SDPError) {
            offer = try SDP(parsing: bytes, maximumBytes: 128 << 10)
        } catch {
            throw UsageError("the offer cannot be read as SDP: \(error)")
        }
        let api = try await context.api()
        let device = try await context.device(api)
        let client = try await context.live(api, createsStore: true)
        for finding in offer.offerFindings() where finding.severity == .warning {
            context.output.remark("offer: \(finding)")
        }
        let session = try await client.open(
            device, offer: offer,
            options: WHEPSessionOptions(
                component: context.arguments["--component"].map(RingComponentID.init(rawValue:))))
        do {
            for repair in session.checkedAnswer.repairs { context.output.remark("answer: \(repair)") }
            for finding in session.checkedAnswer.findings { context.output.remark("answer: \(finding)") }
            try Self.write(session.checkedAnswer.sdp.encoded(), to: answerPath, context)
            try Self.report(session, answerPath: answerPath, context)
            try Task.checkCancellation()
        } catch {
            await session.close(Task.isCancelled ? .cancelled : .failed)
            throw error
        }
        // From here on the session is its engine's: somebody runs `live close`, or Ring ends it.
        await session.detach()
    }

    /// Without its URL nobody can close the session, so a report that cannot be written takes the answer away again.
    private static func report(_ session: WHEPSession, answerPath: String, _ context: CommandContext) throws {
        let expiresBy = session.expiresBy.formatted(.iso8601)
        let object = JSONAPILiteral.object([
            ("session_url", .string(session.url.absoluteString)), ("device_id", .string(session.device.rawValue)),
            ("expires_by", .string(expiresBy)),
        ])
        let lines = ["session \(session.url.absoluteString)", "ends by \(expiresBy)"]
        guard answerPath != "-" else { return try context.output.secondResult(object, lines: lines) }
        do {
            try context.output.result(object, lines: lines)
        } catch {
            if Self.type(of: answerPath) == S_IFREG { try? FileManager.default.removeItem(atPath: answerPath) }
            throw error
        }
    }

    private static func close(_ context: CommandContext) async throws {
        let text = try context.arguments.positional(0, "SESSION_URL")
        guard let url = URL(string: text, encodingInvalidCharacters: false), url.host() != nil else {
            throw UsageError("SESSION_URL is the session_url that `live negotiate` gave")
        }
        try await context.live().close(url)
        try context.output.result(.object([("closed", .bool(true))]), text: "closed")
    }

    private static func read(_ path: String, _ context: CommandContext) throws -> [UInt8] {
        guard path != "-" else { return try context.readInput(upTo: 1 << 20) }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw UsageError("--offer: the file cannot be read")
        }
    }

    /// Before the camera is woken.
    static func check(_ path: String, flag: String) throws {
        guard path != "-" else { return }
        switch Self.type(of: path) {
        case S_IFREG, nil:
            guard unsafe access(CommandStore.folder(of: path), W_OK | X_OK) == 0 else {
                throw UsageError("\(flag): there is no folder that can be written for \(path)")
            }
        case S_IFCHR:
            guard unsafe access(path, W_OK) == 0 else {
                throw UsageError("\(flag): \(path) cannot be written")
            }
        default:
            throw UsageError(
                "\(flag): \(path) exists and is not an ordinary file; name another file, or - for standard output"
            )
        }
    }

    /// Media are for a program: `-o -` at a terminal is a mistake.
    static func refuseTerminal() throws {
        guard isatty(1) == 1 else { return }
        throw UsageError("-o -: standard output is a terminal; pass it to a program")
    }

    /// What stands at a path: `S_IFREG` for a file; `nil` for nothing.
    private static func type(of path: String) -> mode_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private static func write(_ bytes: [UInt8], to path: String, _ context: CommandContext) throws {
        guard path != "-" else { return try context.output.description(bytes) }
        do {
            // A device such as /dev/null stays. A file is renamed when it is whole: an engine that waits for it never sees half.
            let isDevice = Self.type(of: path) == S_IFCHR
            try Data(bytes).write(to: URL(filePath: path), options: isDevice ? [] : .atomic)
        } catch {
            throw CommandFailure(
                .server, code: "output_failed", "--answer: \(path) cannot be written; the session was closed")
        }
    }
}

extension CommandContext {
    /// Live video with the ledger of the store, after closing what an earlier `ringctl` that died has left open.
    ///
    /// - Parameters:
    ///   - known: The API of the account, when the command has it already.
    ///   - createsStore: Whether the command opens a session, whose record is to be stored.
    ///   - governor: Limits the sessions; without limits, one is what the user asks for.
    func live(
        _ known: RingAPIClient? = nil, createsStore: Bool = false, governor: WHEPGovernor = WHEPGovernor(limits: .none)
    ) async throws -> WHEPClient {
        let api = if let known { known } else { try await self.api() }
        let ledger = try await self.sessionLedger(createsStore: createsStore)
        let client = WHEPClient(api: api, ledger: ledger, governor: governor)
        do {
            // With a governor of its own: a start that was killed must not keep the device taken for this command.
            try await WHEPClient(api: api, ledger: ledger, governor: WHEPGovernor(limits: .none)).recover()
        } catch let error as RingError {
            self.output.remark("sessions of an earlier run could not be looked for: \(error.message)")
        }
        return client
    }

    private func sessionLedger(createsStore: Bool) async throws -> WHEPSessionLedger {
        do {
            return WHEPSessionLedger(
                storage: try await self.storage(createsIt: createsStore), sealing: try self.sealingKeys(),
                environment: self.environment)
        } catch let error as RingError {
            // A fixed token needs no store; without one a kill leaves the camera on until Ring's limit, no more.
            guard self.settings.variable("RING_ACCESS_TOKEN") != nil else { throw error }
            self.output.remark("no ledger of open sessions: \(error.message)")
            return WHEPSessionLedger(storage: RingMemoryStorage(), environment: self.environment)
        }
    }
}
