internal import CRingLibcurl
internal import RingCore

/// Tells a handle of libcurl's about a request.
@safe struct CurlOptions {
    private let easy: UnsafeMutableRawPointer
    private let plan: CurlPlan

    init(_ easy: UnsafeMutableRawPointer, _ plan: CurlPlan) {
        unsafe self.easy = easy
        self.plan = plan
    }

    /// What requests of one ``CurlPlan/shape`` have in common, and the request's body.
    ///
    /// - Parameter transfer: What the callbacks get.
    func setShape(_ transfer: UnsafeMutableRawPointer) {
        self.setConnection()
        unsafe self.setPayload(transfer)
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_WRITEFUNCTION, curlWrite)
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_HEADERFUNCTION, curlHeader)
        unsafe ring_curl_set_prereq_callback(self.easy, curlBeforeRequest)
    }

    /// What no two requests have in common.
    ///
    /// - Parameter transfer: What the callbacks get.
    /// - Returns: The header lines, which libcurl borrows. They are freed after the transfer.
    func setAddress(_ transfer: UnsafeMutableRawPointer) -> UnsafeMutablePointer<curl_slist>? {
        unsafe self.set(CURLOPT_PRIVATE, transfer)
        unsafe self.set(CURLOPT_WRITEDATA, transfer)
        unsafe self.set(CURLOPT_HEADERDATA, transfer)
        unsafe self.set(CURLOPT_PREREQDATA, transfer)
        self.set(CURLOPT_URL, self.plan.url)
        // libcurl divides its limit among a host's addresses; the loop applies the same limit to the whole.
        let connect = self.plan.limits.connect.map { Int(clamping: max(1, $0 / 1_000_000)) }
        self.set(CURLOPT_CONNECTTIMEOUT_MS, connect ?? Int(Int32.max))
        var fields: UnsafeMutablePointer<curl_slist>?
        for line in self.plan.headerLines {
            guard let longer = unsafe line.withCString({ unsafe curl_slist_append(fields, $0) }) else { continue }
            unsafe fields = longer
        }
        unsafe self.set(CURLOPT_HTTPHEADER, fields)
        return unsafe fields
    }

    /// Takes back the header lines, before they are freed.
    func clearFields() { unsafe self.set(CURLOPT_HTTPHEADER, nil) }

    private func setConnection() {
        unsafe ring_curl_set_protocols(self.easy)
        unsafe ring_curl_set_quick_exit(self.easy)
        unsafe ring_curl_set_private_sockets(self.easy)
        self.set(CURLOPT_NOSIGNAL, 1)
        self.set(CURLOPT_PATH_AS_IS, 1)
        self.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        self.set(CURLOPT_FOLLOWLOCATION, 0)
        self.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        self.set(CURLOPT_TCP_KEEPALIVE, 1)
        self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        self.set(CURLOPT_SSL_VERIFYPEER, 1)
        self.set(CURLOPT_SSL_VERIFYHOST, 2)
        self.set(CURLOPT_HTTP_VERSION, self.plan.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        if self.plan.offersHTTP2 { self.set(CURLOPT_PIPEWAIT, 1) }
        self.set(CURLOPT_BUFFERSIZE, self.plan.receiveBuffer)
        switch self.plan.authorities {
        case .system: break
        case .file(let path): self.set(CURLOPT_CAINFO, path)
        case .pem(var text):
            text.withUTF8 { bytes in
                _ = unsafe ring_curl_set_authorities(self.easy, bytes.baseAddress, bytes.count)
            }
        }
        // Both are needed: an empty proxy keeps libcurl from reading `https_proxy`, the star from `all_proxy`.
        self.set(CURLOPT_PROXY, self.plan.proxy ?? "")
        self.set(CURLOPT_NOPROXY, self.plan.proxy == nil ? "*" : "localhost,127.0.0.1,::1")
        if self.plan.inflates { self.set(CURLOPT_ACCEPT_ENCODING, "") }
    }

    private func setPayload(_ transfer: UnsafeMutableRawPointer) {
        switch self.plan.payload {
        case .none:
            if self.plan.method == "HEAD" {
                self.set(CURLOPT_NOBODY, 1)
            } else {
                self.set(CURLOPT_HTTPGET, 1)
                if self.plan.method != "GET" { self.set(CURLOPT_CUSTOMREQUEST, self.plan.method) }
            }
        case .small(let bytes):
            self.set(CURLOPT_POST, 1)
            unsafe ring_curl_set_size(self.easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            _ = unsafe bytes.withUnsafeBytes { body in
                // An empty array has no address, and a null pointer means something else to libcurl.
                if let start = body.baseAddress, bytes.count > 0 {
                    unsafe self.set(CURLOPT_COPYPOSTFIELDS, start)
                } else {
                    self.set(CURLOPT_COPYPOSTFIELDS, "")
                }
            }
            if self.plan.method != "POST" { self.set(CURLOPT_CUSTOMREQUEST, self.plan.method) }
        case .large(let bytes): unsafe self.setUpload(length: Int64(bytes.count), transfer)
        case .stream(_, let length): unsafe self.setUpload(length: length ?? -1, transfer)
        }
    }

    private func setUpload(length: Int64, _ transfer: UnsafeMutableRawPointer) {
        self.set(CURLOPT_UPLOAD, 1)
        self.set(CURLOPT_CUSTOMREQUEST, self.plan.method)
        unsafe ring_curl_set_size(self.easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
        self.set(CURLOPT_UPLOAD_BUFFERSIZE, 64 * 1024)
        unsafe ring_curl_set_data_callback(self.easy, CURLOPT_READFUNCTION, curlRead)
        unsafe self.set(CURLOPT_READDATA, transfer)
    }

    private func set(_ option: CURLoption, _ value: Int) { unsafe ring_curl_set_long(self.easy, option, value) }

    private func set(_ option: CURLoption, _ value: String) {
        _ = unsafe value.withCString { unsafe ring_curl_set_string(self.easy, option, $0) }
    }

    private func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        unsafe ring_curl_set_pointer(self.easy, option, value)
    }
}
