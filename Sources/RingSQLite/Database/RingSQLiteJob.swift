internal import Synchronization

/// One call that waits for its turn.
struct RingSQLiteJob: Sendable {
    /// How a call uses the connection.
    enum Mode: Sendable {
        /// It reads; one that runs several statements needs one snapshot for all.
        case read(isSnapshot: Bool)
        /// It writes. Without a savepoint it writes nothing unless it succeeds, or fails as the disk does. One that
        /// deletes may shrink the file.
        case write(hasSavepoint: Bool, shrinks: Bool)
    }

    var mode: Mode
    /// The body; it keeps its result for ``finish``.
    var run: @Sendable (RingSQLiteConnection) throws -> Void
    /// Wakes the caller, with the error or with what ``run`` kept.
    var finish: @Sendable ((any Error)?) -> Void

    var isWrite: Bool {
        if case .write = self.mode { true } else { false }
    }

    var isSnapshot: Bool {
        if case .read(false) = self.mode { false } else { true }
    }

    var hasSavepoint: Bool {
        if case .write(false, _) = self.mode { false } else { true }
    }

    var shrinks: Bool {
        if case .write(_, true) = self.mode { true } else { false }
    }
}

/// Carries a result from the body to the caller.
final class RingSQLiteBox<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
