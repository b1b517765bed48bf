import FoundationEssentials
import Glibc
import RingCore
import RingDevices
import RingJSONAPI
import RingPartner

/// The names of devices: to find the one that is meant, and to complete them.
///
/// For completions they are kept in a file of the user's cache, for the account and the API of the settings. It holds names
/// and nothing else.
struct DeviceNames {
    private static let freshFor: TimeInterval = 300
    private static let keptFor: TimeInterval = 86_400
    private let context: CommandContext

    init(_ context: CommandContext) { self.context = context }

    // MARK: Completions

    /// The names to complete. What cannot be had in two seconds is not waited for, and a failure offers nothing.
    func completions() async -> [String] {
        let kept = self.kept()
        if let kept, kept.age < Self.freshFor { return kept.names }
        let context = self.context
        let fetched = await withTaskGroup(of: [String]?.self) { group in
            group.addTask {
                let found = try? await DeviceNames(context).fetch(context.api())
                return found?.compactMap(\.name)
            }
            group.addTask {
                try? await context.environment.clock.sleep(for: .seconds(2))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        return (fetched ?? kept?.names ?? []).map(PrintableText.line)
    }

    /// The devices of an account. What else the list holds is not this command's matter, and nothing is warned of.
    func fetch(_ api: RingAPIClient) async throws -> [(id: String, name: String?)] {
        let response = try await api.send(api.request(path: ["v1", "devices"]), for: .devices)
        let bytes = try await response.body.collect(upTo: self.context.environment.documentLimit)
        let elements = (try? JSONAPIValue(parsing: bytes))?["data"]?.elements ?? []
        let devices = elements.compactMap { element in
            element["id"]?.string.map { (id: $0, name: element["attributes"]?["name"]?.string) }
        }
        self.remember(devices.compactMap(\.name))
        return devices
    }

    /// Keeps names. A cache that cannot be written is none.
    func remember(_ names: [String]) {
        guard let path = self.path else { return }
        let names = names.map(PrintableText.line)
        let folder = URL(filePath: CommandStore.folder(of: path))
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Readable by this user alone from the first byte on.
        try? RingOutputFile.replace(
            path, with: Array(names.map { $0 + "\n" }.joined().utf8), mode: 0o600, isDurable: false)
        // Each access token has a file of its own.
        let oldest = self.context.environment.clock.now() - Self.keptFor
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? [] {
            let other = folder.appending(path: name).path()
            var status = stat()
            guard unsafe stat(other, &status) == 0, Double(status.st_mtim.tv_sec) < oldest.timeIntervalSince1970 else {
                continue
            }
            unsafe unlink(other)
        }
    }

    private func kept() -> (names: [String], age: TimeInterval)? {
        var status = stat()
        guard let path, unsafe stat(path, &status) == 0, let data = try? Data(contentsOf: URL(filePath: path)) else {
            return nil
        }
        let written = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
        // A file from the future is as old as can be.
        let age = self.context.environment.clock.now().timeIntervalSince(written)
        return (
            String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init), age < -5 ? .infinity : age
        )
    }

    /// One file for each set of settings that decide whose devices these are.
    private var path: String? {
        let variables = self.context.settings.allVariables
        let cache = variables["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        guard let base = cache ?? variables["HOME"].map({ $0 + "/.cache" }), base.hasPrefix("/") else { return nil }
        var digest = RingMediaSHA256()
        let settings = self.context.settings
        let secret = ["RING_ACCESS_TOKEN", "RING_REFRESH_TOKEN"].compactMap { settings.variable($0) }
        let whose = [settings.apiURL.absoluteString, settings.store, settings.account?.rawValue ?? ""] + secret
        digest.update(Array(whose.joined(separator: "\n").utf8))
        return "\(base)/ringctl/devices/\(digest.hexadecimal().prefix(16))"
    }
}

extension CommandContext {
    /// The device that the first positional argument names.
    ///
    /// - Throws: As ``device(_:_:)``.
    func device(_ api: RingAPIClient) async throws -> RingDeviceID {
        try await self.device(self.arguments.positional(0, "the device"), api)
    }

    /// The device with an id or a name.
    ///
    /// What has the form of Ring's ids is one. Everything else is looked up in the list of devices; a word that is not in it
    /// is taken for an id of another form, and Ring decides.
    ///
    /// - Throws: `UsageError` when several devices have the name; `CommandFailure` with status 4 when none has; `RingError`
    ///   when the list cannot be read and the text cannot be an id.
    func device(_ text: String, _ api: RingAPIClient) async throws -> RingDeviceID {
        let id = RingDeviceID(rawValue: text)
        guard !text.hasPrefix("ava1.") else { return id }
        let mayBeID = !text.contains(where: \.isWhitespace)
        let list: [(id: String, name: String?)]
        do { list = try await DeviceNames(self).fetch(api) } catch let error as RingError {
            guard mayBeID, error.status != nil else { throw error }
            return id
        }
        if list.contains(where: { $0.id == text }) { return id }
        for isSame in [{ $0 == text }, { $0.lowercased() == text.lowercased() }] as [(String) -> Bool] {
            let found = list.filter { $0.name.map(isSame) ?? false }
            if found.count == 1 { return RingDeviceID(rawValue: found[0].id) }
            guard found.isEmpty else {
                let devices = found.map { "\($0.id) (\($0.name ?? "unnamed"))" }.joined(separator: ", ")
                throw UsageError("\(found.count) devices are called “\(text)”; use the id: \(devices)")
            }
        }
        let names = list.compactMap(\.name)
        let near = Suggestion.nearest(to: text, in: names)
        guard near != nil || !mayBeID else { return id }
        throw CommandFailure(
            .notFound, code: "device_not_found",
            "no device is called “\(text)”; "
                + (near.map { "did you mean “\($0)”?" } ?? "the account has \(names.joined(separator: ", "))"))
    }
}
