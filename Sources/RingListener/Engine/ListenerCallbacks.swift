internal import CRingMicrohttpd
internal import RingHTTP

// What libmicrohttpd calls, on the engine's thread. Global functions on purpose: a closure written where code is main-actor
// isolated would trap there.

/// The request line has arrived, nothing is decoded yet: the one place where the target is seen as it was sent.
func targetArrived(
    _ core: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let core = unsafe core, let target = unsafe target, let connection = unsafe connection,
        let context = unsafe cring_mhd_context(connection)
    else { return nil }
    let listener = unsafe Unmanaged<ListenerCore>.fromOpaque(core).takeUnretainedValue()
    let exchange = unsafe ListenerExchange(
        core: listener, target: String(cString: target),
        connection: EngineConnection(connection, wakeUp: listener.wakeUp),
        held: Unmanaged<ListenerConnection>.fromOpaque(context).takeUnretainedValue())
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
}

/// A connection was opened or closed.
func connectionChanged(
    _ core: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let core = unsafe core, let connection = unsafe connection, let context = unsafe context else { return }
    let connections = unsafe Unmanaged<ListenerCore>.fromOpaque(core).takeUnretainedValue().connections
    if change == .CONNECTION_NOTIFY_STARTED {
        let held = unsafe ListenerConnection(socket: cring_mhd_socket(connection))
        unsafe context.pointee = Unmanaged.passRetained(held).toOpaque()
        connections.opened(held)
    } else if let pointer = unsafe context.pointee {
        unsafe context.pointee = nil
        connections.closed(unsafe Unmanaged<ListenerConnection>.fromOpaque(pointer).takeRetainedValue())
    }
}

/// Called once for the head, once for each piece of the body, once at its end, and again after each resumption.
func requestProgressed(
    _ core: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadSize: UnsafeMutablePointer<Int>?, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let pointer = unsafe context?.pointee, let uploadSize = unsafe uploadSize else { return .NO }
    let exchange = unsafe Unmanaged<ListenerExchange>.fromOpaque(pointer).takeUnretainedValue()
    switch exchange.phase {
    case .fresh:
        return unsafe exchange.headArrived(method: method.map { unsafe String(cString: $0) } ?? "")
    case .receiving where unsafe uploadSize.pointee > 0:
        let piece = unsafe UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee)
        let isAccepted = unsafe exchange.bodyArrived(piece)
        unsafe uploadSize.pointee = 0
        return isAccepted ? .YES : .NO
    case .receiving:
        return exchange.requestArrived()
    case .waiting:
        return exchange.responseReady()
    case .responded:
        return .NO
    }
}

/// The last call for a request, whether it got a response or was broken off.
func requestCompleted(
    _ core: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let pointer = unsafe context.pointee else { return }
    unsafe context.pointee = nil
    unsafe Unmanaged<ListenerExchange>.fromOpaque(pointer).takeRetainedValue().completed()
}

/// One header field of a request.
func headerArrived(
    _ collector: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let collector = unsafe collector, let name = unsafe name else { return .NO }
    let headers = unsafe collector.assumingMemoryBound(to: RingHTTPFields.self)
    unsafe headers.pointee.append(
        RingHTTPField(
            name: RingHTTPField.Name(String(cString: name)),
            value: value.map { trimmed(unsafe String(cString: $0)) } ?? ""))
    return .YES
}

/// Without the white space behind it, which the engine leaves (RFC 9110, section 5.5).
private func trimmed(_ value: String) -> String {
    guard let last = value.utf8.last, last == 0x20 || last == 0x09 else { return value }
    let rest = value.utf8.reversed().drop { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: rest.reversed(), as: UTF8.self)
}

/// The engine wants more of a streamed body.
func bodyWanted(
    _ pump: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Int {
    guard let pump = unsafe pump, let buffer = unsafe buffer else { return BodyPump.failed }
    return unsafe Unmanaged<BodyPump>.fromOpaque(pump).takeUnretainedValue()
        .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

/// The engine is done with a streamed body.
func bodyReleased(_ pump: UnsafeMutableRawPointer?) {
    if let pump = unsafe pump { unsafe Unmanaged<BodyPump>.fromOpaque(pump).takeRetainedValue().detach() }
}
