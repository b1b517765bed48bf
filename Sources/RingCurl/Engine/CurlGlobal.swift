internal import CRingLibcurl

/// libcurl's initialisation, once in a process.
enum CurlGlobal {
    /// Whether libcurl can be used.
    static let isReady: Bool = {
        ring_curl_no_exit_handler()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    /// Whether any thread may work for a loop, and not only the loops' own.
    static let servesAnyThread = ring_curl_serves_any_thread()

    /// Whether a handle may be used again after a request; if not, every request gets a copy of one that was never used.
    static let keepsHandles = ring_curl_keeps_handles()
}
