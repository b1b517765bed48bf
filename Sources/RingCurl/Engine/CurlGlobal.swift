internal import CRingLibcurl

/// libcurl's initialisation, once in a process.
enum CurlGlobal {
    /// Whether libcurl can be used.
    static let isReady: Bool = {
        ring_curl_no_exit_handler()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    /// Whether any thread may work for a loop. Before 7.88 libcurl let OpenSSL write to connections in a way that raises
    /// `SIGPIPE` when the server has gone; only the loops' own threads take no signals.
    static let servesAnyThread = ring_curl_version() >= 0x07_58_00
}
