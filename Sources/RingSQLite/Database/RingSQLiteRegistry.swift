internal import Dispatch
internal import Synchronization

/// The connections of this process, one for each open file.
///
/// POSIX drops all locks of a process on a file when the process closes any descriptor of it. Two connections of SQLite
/// know of each other; a descriptor that this package opened beside them would not. So a file is found by its device and
/// inode, and none that exists is ever opened except by SQLite.
enum RingSQLiteRegistry {
    private static let engines = Mutex<[RingSQLiteFile.Identity: RingSQLiteEngine]>([:])
    /// Files are prepared one after the other, so that a new one is closed before anybody else opens it.
    private static let queue = DispatchQueue(label: "ring.sqlite.open")

    /// The open engine of a location, which the caller has to release.
    ///
    /// - Throws: ``RingSQLiteError``.
    static func engine(
        _ location: RingSQLiteDatabase.Location, _ options: RingSQLiteOptions
    ) async throws -> RingSQLiteEngine {
        var attempt = 1
        while true {
            do {
                // One suspension over both queues: the caller goes on with an engine that is open.
                return try await withCheckedThrowingContinuation { continuation in
                    self.queue.async {
                        do {
                            let engine = try Self.joined(location, options)
                            engine.open { continuation.resume(with: $0.map { engine }) }
                        } catch {
                            continuation.resume(throwing: error)
                        }
                    }
                }
            } catch let error as RingSQLiteError where error.code == .replaced && attempt < 5 {
                attempt += 1
            }
        }
    }

    private static func joined(
        _ location: RingSQLiteDatabase.Location, _ options: RingSQLiteOptions
    ) throws -> RingSQLiteEngine {
        guard case .file(let path) = location else {
            return RingSQLiteEngine(location, identity: nil, options: options)
        }
        guard !path.isEmpty else {
            throw RingSQLiteError(code: .cannotOpen, message: "the path of the database is empty; name a file")
        }
        let identity = try RingSQLiteFile.prepare(path, options: options)
        return Self.engines.withLock { engines in
            if let engine = engines[identity], engine.join() { return engine }
            let engine = RingSQLiteEngine(location, identity: identity, options: options)
            engines[identity] = engine
            return engine
        }
    }

    /// Forgets an engine that nobody uses.
    static func removeUnused(_ engine: RingSQLiteEngine) {
        guard let identity = engine.identity else { return }
        Self.engines.withLock { engines in
            if engines[identity] === engine, engine.isUnused { engines[identity] = nil }
        }
    }
}
