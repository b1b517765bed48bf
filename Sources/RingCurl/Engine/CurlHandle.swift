internal import CRingLibcurl

/// A libcurl handle, used for one request after the other. All requests of a loop share one configuration.
@safe final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    /// What it is still set up for; `nil` when it is as good as new.
    private var shape: CurlPlan.Shape?
    /// Where libcurl writes more than its error number says.
    private let text: UnsafeMutablePointer<CChar>

    convenience init?() {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.init(easy, for: nil)
    }

    private init(_ easy: UnsafeMutableRawPointer, for shape: CurlPlan.Shape?) {
        unsafe self.easy = easy
        self.shape = shape
        unsafe self.text = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe self.text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe ring_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, self.text)
    }

    /// A new one that was told the same, for a request of `shape`.
    fileprivate func copy(for shape: CurlPlan.Shape) -> CurlHandle? {
        guard let easy = unsafe curl_easy_duphandle(self.easy) else { return nil }
        return unsafe CurlHandle(easy, for: shape)
    }

    deinit {
        unsafe curl_easy_cleanup(self.easy)
        unsafe self.text.deallocate()
    }

    /// Prepares it for a request of `shape`; returns whether it is set up for that already.
    func adapt(to shape: CurlPlan.Shape?) -> Bool {
        unsafe self.text.pointee = 0
        let isSetUp = shape != nil && self.shape == shape
        if self.shape != nil, !isSetUp { self.reset() }
        return isSetUp
    }

    /// Notes that it keeps what it was told for a request of `shape`, or makes it as good as new.
    fileprivate func keep(_ shape: CurlPlan.Shape?) {
        self.shape = shape
        if shape == nil { self.reset() }
    }

    private func reset() {
        self.shape = nil
        unsafe curl_easy_reset(self.easy)
        unsafe ring_curl_set_pointer(self.easy, CURLOPT_ERRORBUFFER, self.text)
    }

    /// Whether OpenSSL says that the server closed the connection, and not that it disagreed.
    var saysThatTheServerClosed: Bool {
        let text = unsafe String(cString: self.text)
        return ["SSL_ERROR_SYSCALL", "SSL_ERROR_ZERO_RETURN", "unexpected eof", "reset by peer"].contains {
            text.contains($0)
        }
    }
}

/// A loop's supply of handles.
struct CurlHandles {
    /// Those that have carried a request, where they may carry another.
    private var idle: [CurlHandle] = []
    /// Those that never carry one, and are copied, where handles may not be used again.
    private var patterns: [CurlPlan.Shape: CurlHandle] = [:]
    private static let maximumIdleCount = 64

    /// Whether a handle may be used again after a request; if not, every request gets a copy of one that was never used.
    private static let areKept = ring_curl_keeps_handles()

    /// A handle for a request of `shape`; `nil` when there is no memory for it.
    mutating func take(for shape: CurlPlan.Shape?) -> CurlHandle? {
        if let handle = self.idle.popLast() { return handle }
        if let shape, let pattern = self.patterns[shape] { return pattern.copy(for: shape) }
        return CurlHandle()
    }

    /// Keeps what `handle` was told for requests of `shape`, before it is told about one of them.
    mutating func learn(from handle: CurlHandle, for shape: CurlPlan.Shape?) {
        guard !Self.areKept, let shape, self.patterns[shape] == nil else { return }
        self.patterns[shape] = handle.copy(for: shape)
    }

    /// Takes back a handle that has carried a request.
    ///
    /// - Parameter shape: The options that it still has; `nil` when all must be set again.
    mutating func giveBack(_ handle: CurlHandle, as shape: CurlPlan.Shape?) {
        guard Self.areKept, self.idle.count < Self.maximumIdleCount else { return }
        handle.keep(shape)
        self.idle.append(handle)
    }

    mutating func removeAll() {
        self.idle.removeAll()
        self.patterns.removeAll()
    }
}
