internal import CRingLibcurl

// libcurl calls these on the loop's thread, inside `curl_multi_socket_action` or `curl_easy_pause`. They are global functions:
// a closure could be bound to an actor, and would then trap on this thread.

private func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
}

/// Before the request's first byte, every time libcurl begins to send it.
func curlBeforeRequest(
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?, _: Int32,
    _: Int32
) -> Int32 {
    guard let transfer = unsafe transfer(context), transfer.beginRequest() else { return CURL_PREREQFUNC_ABORT }
    return CURL_PREREQFUNC_OK
}

/// libcurl wants more of the request's body.
func curlRead(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context) else { return Int(CURL_READFUNC_ABORT) }
    return unsafe transfer.send(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
}

/// One whole header line, status lines, the empty last line and trailers included.
func curlHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context) else { return 0 }
    return unsafe transfer.receive(line: UnsafeRawBufferPointer(start: bytes, count: size * count))
}

/// A piece of the response's body.
func curlWrite(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<CurlTransfer>.fromOpaque(context)._withUnsafeGuaranteedRef { unsafe $0.receive(piece) }
}
