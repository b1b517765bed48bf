/// A transaction of a database that takes statements of an application: they take effect together with a change of this package,
/// or not at all.
///
/// It begins with the first statement, and ends with ``commit(_:)`` or ``rollBack()``.
public protocol RingStorageTransaction: Sendable {
    /// Runs one statement in the language of the database.
    ///
    /// - Parameters:
    ///   - statement: The statement, with `$1`, `$2` … for its parameters.
    ///   - parameters: Their values as the database reads them from text; `nil` for null.
    /// - Returns: The rows that it gives, each value as the database writes it.
    /// - Throws: `RingError` with code `storageFailed`; the transaction can then only be rolled back.
    func execute(_ statement: String, parameters: [String?]) async throws -> [[String?]]

    /// Makes changes of records and ends the transaction: all of it, or nothing.
    ///
    /// - Returns: `false` when a precondition did not hold. Nothing was changed then, and the statements had no effect.
    /// - Throws: `RingError` with code `storageFailed`; all changes may have been made, or none.
    func commit(_ changes: [RingStorageChange]) async throws -> Bool

    /// Ends the transaction without an effect.
    func rollBack() async
}
