internal import CRingMicrohttpd
internal import RingHTTP

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Makes the engine's form of a response, and the pump that feeds it when the body is streamed.
func engineResponse(
    for response: RingListenerResponse, connection: EngineConnection, core: ListenerCore
) -> (OpaquePointer, BodyPump?)? {
    var response = response
    var pump: BodyPump?
    let native: OpaquePointer?
    if let fault = response.fault {
        response.headers["Connection"] = "close"
        pump = faultyPump(fault, connection: connection, core: core)
    }
    switch response.body {
    case .bytes(let bytes) where pump == nil:
        unsafe native = bytes.withUnsafeBytes { buffer in
            unsafe MHD_create_response_from_buffer(
                buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
        }
    case .file(let path, let offset, let length) where pump == nil:
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        unsafe native = MHD_create_response_from_fd_at_offset64(
            UInt64(clamping: length), descriptor, UInt64(clamping: offset))
        if unsafe native == nil { close(descriptor) }
    default:
        let feed = pump ?? BodyPump(connection: connection, watch: core.watch)
        pump = feed
        let announced = announcedLength(response)
        unsafe native = MHD_create_response_from_callback(
            announced.map { UInt64(clamping: $0) } ?? UInt64.max, 32 << 10, bodyWanted,
            Unmanaged.passRetained(feed).toOpaque(), bodyReleased)
        feed.start(producer(of: response, into: feed, clock: core.clock))
    }
    guard let native = unsafe native else { return nil }
    for field in response.headers {
        unsafe MHD_add_response_header(native, field.name.rawName, field.value)
    }
    return unsafe (native, pump)
}

private func announcedLength(_ response: RingListenerResponse) -> Int64? {
    if case .contentLength(let length)? = response.fault?.kind { return max(0, length) }
    return switch response.body {
    case .bytes(let bytes): Int64(bytes.count)
    case .file(_, _, let length): length
    case .stream(let length, _): length
    }
}

private func faultyPump(
    _ fault: RingListenerResponse.Fault, connection: EngineConnection, core: ListenerCore
) -> BodyPump? {
    switch fault.kind {
    case .cutBody(let bytes): BodyPump(connection: connection, watch: core.watch, cutAfter: bytes)
    case .stall(let bytes): BodyPump(connection: connection, watch: core.watch, stallAfter: bytes)
    case .contentLength, .slowChunks: BodyPump(connection: connection, watch: core.watch)
    case .closeBeforeHeaders: nil
    }
}

/// The task that reads a body's source and offers it to the pump.
private func producer(of response: RingListenerResponse, into pump: BodyPump, clock: any Clock<Duration>) -> Task<
    Void, Never
> {
    let (body, fault) = (response.body, response.fault)
    return Task {
        switch body {
        case .bytes(let bytes):
            await pour(bytes, fault: fault, into: pump, clock: clock)
        case .file(let path, let offset, let length):
            await pour(filePart(path, offset, length), fault: fault, into: pump, clock: clock)
        case .stream(_, let source):
            do {
                for try await bytes in source {
                    guard await pump.push(bytes) else { return }
                }
            } catch {
                pump.fail()
            }
        }
        pump.finish()
    }
}

private func pour(
    _ bytes: [UInt8], fault: RingListenerResponse.Fault?, into pump: BodyPump, clock: any Clock<Duration>
) async {
    guard case .slowChunks(let size, let pause)? = fault?.kind else {
        _ = await pump.push(bytes)
        return
    }
    for start in stride(from: 0, to: bytes.count, by: size) {
        do { try await clock.sleep(for: pause) } catch { return }
        guard await pump.push(Array(bytes[start..<min(start + size, bytes.count)])) else { return }
    }
}

/// Reads a part of a file, for responses with a fault; for others, the system sends the file.
private func filePart(_ path: String, _ offset: Int64, _ length: Int64) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(clamping: length)) { buffer, count in
        count = unsafe max(0, pread(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset)))
    }
}
