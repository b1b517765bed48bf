internal import CRingLibcurl

/// A libcurl handle, used for one request after the other. All requests of a loop share one configuration.
@safe final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    /// What it is still set up for; `nil` when it is as good as new.
    private(set) var shape: CurlPlan.Shape?
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
    func copy(for shape: CurlPlan.Shape) -> CurlHandle? {
        guard let easy = unsafe curl_easy_duphandle(self.easy) else { return nil }
        return unsafe CurlHandle(easy, for: shape)
    }

    deinit {
        unsafe curl_easy_cleanup(self.easy)
        unsafe self.text.deallocate()
    }

    /// Readies it for a request of `shape`; says whether it is set up for that already.
    func adapt(to shape: CurlPlan.Shape?) -> Bool {
        unsafe self.text.pointee = 0
        let isFurnished = shape != nil && self.shape == shape
        if self.shape != nil, !isFurnished { self.reset() }
        return isFurnished
    }

    /// Notes that it keeps what it was told for a request of `shape`, or makes it as good as new.
    func keep(_ shape: CurlPlan.Shape?) {
        self.shape = shape
        if shape == nil { self.reset() }
    }

    private func reset() {
        self.shape = nil
        unsafe curl_easy_reset(self.easy)
        unsafe ring_curl_set_pointer(self.easy, CURLOPT_ERRORBUFFER, self.text)
    }

    /// Whether OpenSSL says that the other side left in the middle, and not that it disagreed.
    var saysThatTheServerLeft: Bool {
        let text = unsafe String(cString: self.text)
        return ["SSL_ERROR_SYSCALL", "SSL_ERROR_ZERO_RETURN", "unexpected eof", "reset by peer"].contains {
            text.contains($0)
        }
    }
}
