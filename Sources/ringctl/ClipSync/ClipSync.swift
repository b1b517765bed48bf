import FoundationEssentials
import RingPartner

/// `clip sync`.
struct ClipSync {
    static let command = Command(
        path: ["clip", "sync"], summary: "keep all clips in a folder, and add what is new",
        usage: "DIR [--device ID-or-name] [--keep D] [--since T]",
        detail: """
            Run it again at any time, by hand or by a timer: it goes on where it stopped, also after a kill, and one run at a time
            works on a folder. Clips that are not recorded to their end yet are left for the next run. It has no time limit
            unless --timeout gives one.
            """,
        flags: [
            Flag(
                name: "--device", value: "ID", help: "one device, by its id or its name; all cameras",
                completes: .device),
            Flag(name: "--keep", value: "D", help: "remove clips that are older, such as 30d; fetch no older ones"),
            Flag(
                name: "--since", value: "T", help: "how far back; what --keep says, else the 180 days that Ring keeps"),
        ],
        positionals: 1...1, completes: .folder, runsUntilStopped: true,
        run: { context in
            let folder = try context.arguments.positional(0, "DIR")
            let now = context.environment.clock.now()
            let since = try context.arguments["--since"].map {
                try TimeArguments.moment($0, flag: "--since", now: now)
            }
            let keep = try context.arguments["--keep"].map { try TimeArguments.duration($0, flag: "--keep") }
            guard keep != .zero else { throw UsageError("--keep takes a duration above zero") }
            let archive = try ClipArchive(folder)
            let api = try await context.api()
            var media = try context.media(api)
            // What is not ready is left for the next run.
            media.options.waiting = .none
            media.options.digest = nil
            var sync = ClipSync(
                context: context, archive: archive, media: media, devices: RingDevicesClient(api: api), now: now,
                oldest: keep.map { now - $0 / .seconds(1) }, since: since)
            let chosen: RingDeviceID? =
                if let name = context.arguments["--device"] { try await context.device(name, api) } else { nil }
            try await sync.run(only: chosen)
        })

    /// Ring keeps recordings for 180 days; the last minute of them is over before they are fetched.
    private static let ringKeeps: TimeInterval = 180 * 86_400 - 60
    /// An entry of the history may appear minutes after its event, so the end of what is complete is looked at again.
    private static let lateEntries: TimeInterval = 300
    private static let ordinaryLength: TimeInterval = 30

    let context: CommandContext
    let archive: ClipArchive
    let media: RingMediaClient
    let devices: RingDevicesClient
    let now: Date
    /// What is older is removed, and not fetched.
    let oldest: Date?
    let since: Date?
    private var firstFailure: (any Error)?
    private var (added, missing, waiting) = (0, 0, 0)

    init(
        context: CommandContext, archive: ClipArchive, media: RingMediaClient, devices: RingDevicesClient, now: Date,
        oldest: Date?, since: Date?
    ) {
        self.context = context
        self.archive = archive
        self.media = media
        self.devices = devices
        self.now = now
        self.oldest = oldest
        self.since = since
    }

    mutating func run(only chosen: RingDeviceID?) async throws {
        let list = try await self.devices.list(include: [.capabilities, .configurations])
        DeviceNames(self.context).remember(list.compactMap(\.name))
        if let chosen, list[chosen] == nil {
            throw CommandFailure(.notFound, code: "device_not_found", "the account has no device \(chosen)")
        }
        for device in list where chosen == nil || device.id == chosen {
            guard device.capabilities?.hasCamera == true else { continue }
            guard device.isEncrypted != true else {
                self.context.output.remark("\(device.name ?? device.id.rawValue): encrypted end to end, no clips")
                continue
            }
            do { try await self.sync(device) } catch let error as ClipArchive.FolderFailure {
                self.firstFailure = self.firstFailure ?? error.failure
            } catch let error as RingError where error.code == .storageFailed {
                // A file of its folder cannot be written; the folders of the others are others.
                self.firstFailure = self.firstFailure ?? error
            }
        }
        var removed = 0
        if let oldest {
            let outcome = try self.archive.removeClips(before: oldest)
            removed = outcome.count
            self.firstFailure = self.firstFailure ?? outcome.failure?.failure
        }
        self.context.output.endProgress()
        self.context.output.remark(
            "\(self.added) clips added, \(removed) removed, \(self.waiting) not ready yet, \(self.missing) not recorded"
        )
        if let firstFailure { throw firstFailure }
    }

    // MARK: One device

    private mutating func sync(_ device: RingDevice) async throws {
        var shelf = try self.archive.shelf(of: device)
        let floor = max(self.now - Self.ringKeeps, self.oldest ?? .distantPast)
        let wanted = max(self.since ?? floor, floor)
        // What lies between is complete, unless more is wanted now than before, or nothing was looked at up to what is wanted.
        var start = wanted
        if let from = shelf.completeFrom, let until = shelf.completeUntil, from <= wanted, wanted <= until {
            start = max(wanted, until - Self.lateEntries)
        } else {
            shelf.completeFrom = nil
            shelf.completeUntil = nil
        }
        // The history is newest first; clips are fetched oldest first, so that what is complete grows at one end.
        var events: [RingHistoryEvent] = []
        let query = RingHistoryQuery(since: start, until: self.now)
        var history = self.devices.history(of: device.id, query).makeAsyncIterator()
        while let event = try await history.next() {
            events.append(event)
            self.context.output.progress("\(device.name ?? "device"): \(events.count) events …")
        }
        // A history that repeats itself may have more: the next run looks at all of it again.
        var isComplete = history.end != .repeatedLink
        if !isComplete { self.context.output.repeatedLink() }
        for (number, event) in events.reversed().enumerated() {
            try Task.checkCancellation()
            self.context.output.progress("\(device.name ?? "device"): clip \(number + 1) of \(events.count)")
            isComplete = try await self.fetch(event, of: device, into: shelf) && isComplete
            guard isComplete else { continue }
            shelf.completeFrom = shelf.completeFrom ?? wanted
            shelf.completeUntil = event.start
            try self.archive.keep(shelf, of: device.id)
        }
        guard isComplete else { return }
        shelf.completeFrom = shelf.completeFrom ?? wanted
        shelf.completeUntil = self.now
        try self.archive.keep(shelf, of: device.id)
    }

    /// - Returns: Whether there is nothing more to fetch of an event: its clips are here, or there are none.
    private mutating func fetch(
        _ event: RingHistoryEvent, of device: RingDevice, into shelf: ClipArchive.Shelf
    ) async throws -> Bool {
        // What still goes on is not recorded to its end. An old event without an end has the length of an ordinary one.
        let end = event.end ?? event.start + Self.ordinaryLength
        guard end <= self.now, event.end != nil || self.now.timeIntervalSince(event.start) > 3_600 else {
            self.waiting += 1
            return false
        }
        let components = device.capabilities?.components.map(\.id) ?? []
        let whole = RingMediaEvent(device: device.id, moment: event.start, end: end, components: components)
        var isComplete = true
        for request in self.media.clips(for: whole, before: .zero, after: .zero) {
            let name = ClipArchive.name(event, start: request.start, component: request.component)
            let path = "\(self.archive.path)/\(shelf.folder)/\(name)"
            guard !CommandStore.exists(path) else { continue }
            isComplete = try await self.download(request, to: path) && isComplete
        }
        return isComplete
    }

    private mutating func download(_ request: RingClipRequest, to path: String) async throws -> Bool {
        do {
            let file = try await self.media.download(request, to: path)
            self.added += 1
            try self.context.output.result(
                .object([
                    ("path", .string(file.path)), ("device_id", .string(request.device.rawValue)),
                    ("start", .int(request.start.epochMilliseconds)), ("bytes", .int(file.bytes)),
                ]), text: "\(file.path) \(file.bytes) bytes")
            return true
        } catch let error as RingError {
            switch error.code {
            case .mediaNotReady:
                self.waiting += 1
                return false
            case .mediaNotFound, .mediaDamaged, .mediaUnreadable, .timeRangeNotAuthorized, .mediaKeyUnavailable,
                .invalidArgument:
                self.missing += 1
                return true
            case .forbidden where error.status == 403:
                // As clips of live views are; a scope that is missing refuses the history as well.
                self.missing += 1
                return true
            case .serverFailure, .mediaTruncated, .mediaLinkExpired, .notMedia, .deviceUnavailable:
                // The next run tries it again; the others are fetched.
                self.firstFailure = self.firstFailure ?? error
                return false
            default: throw error
            }
        }
    }
}
