internal import CRingLibcurl

/// libcurl's initialisation, once in a process.
enum CurlGlobal {
    /// Whether libcurl can be used.
    static let isReady: Bool = {
        ring_curl_no_exit_handler()
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()
}
