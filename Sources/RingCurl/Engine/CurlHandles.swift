/// A loop's supply of handles.
struct CurlHandles {
    /// Those that have carried a request, where they may carry another.
    private var idle: [CurlHandle] = []
    /// Those that never carry one, and are copied, where handles may not be used again.
    private var patterns: [CurlPlan.Shape: CurlHandle] = [:]
    private static let idleLimit = 64

    /// A handle for a request of `shape`; `nil` when there is no memory for it.
    mutating func take(for shape: CurlPlan.Shape?) -> CurlHandle? {
        if let handle = self.idle.popLast() { return handle }
        if let shape, let pattern = self.patterns[shape] { return pattern.copy(for: shape) }
        return CurlHandle()
    }

    /// Keeps what `handle` was told for requests of `shape`, before it is told about one of them.
    mutating func learn(from handle: CurlHandle, for shape: CurlPlan.Shape?) {
        guard !CurlGlobal.keepsHandles, let shape, self.patterns[shape] == nil else { return }
        self.patterns[shape] = handle.copy(for: shape)
    }

    /// Takes back what has carried a request.
    ///
    /// - Parameter shape: What it is still set up for; `nil` when it must be told everything anew.
    mutating func giveBack(_ handle: CurlHandle, as shape: CurlPlan.Shape?) {
        guard CurlGlobal.keepsHandles, self.idle.count < Self.idleLimit else { return }
        handle.keep(shape)
        self.idle.append(handle)
    }

    mutating func removeAll() {
        self.idle.removeAll()
        self.patterns.removeAll()
    }
}
