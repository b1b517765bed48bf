public import RingCore

extension RingSQLiteError {
    /// The same failure for callers who know the whole package: code `storageFailed`, with this error as its cause.
    public func asRingError() -> RingError {
        RingError(code: .storageFailed, message: "\(self.code): \(self.message)", cause: self)
    }
}
