internal import CRingLibcurl
internal import RingCore

// libcurl calls these on the loop's thread, inside `curl_multi_perform` or `curl_easy_pause`. They are global functions:
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
    guard let transfer = unsafe transfer(context) else { return CURL_PREREQFUNC_ABORT }
    transfer.sendings += 1
    // A kept connection that the server has just closed: libcurl would send the request again by itself. That is right
    // for a plain read, and for a request of which nothing left; anything else may have had its effect.
    if transfer.sendings > 1, !transfer.plan.isRead, transfer.number(CURLINFO_REQUEST_SIZE) > 0 {
        transfer.fault = CurlFailure.lostWhileReusing(transfer.plan)
        return CURL_PREREQFUNC_ABORT
    }
    transfer.progress(to: transfer.upload == nil ? .waiting : .sending)
    return CURL_PREREQFUNC_OK
}

/// More of the request's body, please.
func curlRead(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context), let upload = transfer.upload else { return Int(CURL_READFUNC_ABORT) }
    let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
    switch unsafe upload.take(into: room) {
    case .bytes(let count):
        if transfer.phase == .sending { transfer.progress(to: .sending) }
        return count
    case .wait:
        transfer.isSendingPaused = true
        return Int(CURL_READFUNC_PAUSE)
    case .end:
        if transfer.phase == .sending { transfer.progress(to: .waiting) }
        return 0
    case .failed(let error):
        transfer.fault = CurlFailure.upload(error, transfer)
        return Int(CURL_READFUNC_ABORT)
    }
}

/// One whole header line, status lines, the empty last line and trailers included.
func curlHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let transfer = unsafe transfer(context) else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    // Trailers come here too, after the body has begun. They are counted as bytes of the head, and not kept.
    if transfer.phase != .receivingBody {
        transfer.progress(to: .receivingHead)
    } else {
        transfer.lastActivity = transfer.round.now
    }
    switch unsafe transfer.head.append(line) {
    case .more: break
    case .interim: transfer.progress(to: .waiting)
    case .complete(let head):
        transfer.announced = head.announced
        transfer.progress(to: .receivingBody)
        transfer.exchange.receive(head)
        transfer.round.touch(transfer)
    case .refused(let error):
        transfer.fault = error.during(transfer.plan.operation)
        return 0
    }
    return line.count
}

/// A piece of the answer's body.
func curlWrite(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return 0 }
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    return unsafe Unmanaged<CurlTransfer>.fromOpaque(context)._withUnsafeGuaranteedRef { unsafe $0.receive(piece) }
}
