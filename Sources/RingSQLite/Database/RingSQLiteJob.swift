internal import Synchronization

/// One call that waits for its turn.
struct RingSQLiteJob: Sendable {
    var isWrite: Bool
    /// The body; it keeps its result for ``finish``.
    var run: @Sendable (RingSQLiteConnection) throws -> Void
    /// Wakes the caller, with the error or with what ``run`` kept.
    var finish: @Sendable ((any Error)?) -> Void
}

/// Carries a result from the body to the caller.
final class RingSQLiteBox<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
