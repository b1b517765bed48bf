internal import CRingMicrohttpd
internal import RingHTTP
internal import Synchronization

/// One request and its response.
///
/// `@unchecked`: the fields above the lock are touched by the engine's thread alone; everything that other threads
/// touch is behind the lock.
final class ListenerExchange: @unchecked Sendable {
    enum Phase { case fresh, receiving, waiting, responded }

    private struct State {
        var task: Task<Void, Never>?
        var response: RingListenerResponse?
        var pump: BodyPump?
        var isSuspended = false
    }

    private let core: ListenerCore
    private let connection: EngineConnection
    private let held: ListenerConnection
    private let target: String
    private(set) var phase = Phase.fresh
    private var method = ""
    private var headers = RingHTTPFields()
    private var received = 0
    private let state = Mutex(State())

    init(core: ListenerCore, target: String, connection: EngineConnection, held: ListenerConnection) {
        self.core = core
        self.target = target
        self.connection = connection
        self.held = held
    }

    // MARK: On the engine's thread

    func headArrived(method: String) -> MHD_Result {
        self.phase = .receiving
        self.core.connections.expectMore(on: self.held)
        self.method = method
        var headers = RingHTTPFields()
        unsafe withUnsafeMutablePointer(to: &headers) { collector in
            _ = unsafe MHD_get_connection_values(
                self.connection.pointer, .HEADER_KIND, headerArrived, UnsafeMutableRawPointer(collector))
        }
        self.headers = headers
        let headBytes = headers.reduce(self.target.utf8.count) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        if headBytes > self.core.limits.maximumHeaderBytes {
            return self.queue(RingListenerResponse(status: 431, headers: ["Connection": "close"]))
        }
        // A body that is only a little too long is read to its end, so that the client reads the response.
        let expectsContinue = headers["Expect"] != nil
        if let length = headers["Content-Length"].flatMap({ Int64($0) }), length > Int64(self.bodyLimit),
            expectsContinue || length > Int64(self.patience)
        {
            return self.queue(RingListenerResponse(status: 413, headers: ["Connection": "close"]))
        }
        return .YES
    }

    private var bodyLimit: Int { max(0, self.core.limits.maximumBodyBytes) }
    private var patience: Int { self.bodyLimit.addingReportingOverflow(4 << 20).partialValue }

    func bodyArrived(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard !self.held.isCut else { return false }
        self.received += piece.count
        guard self.received > self.bodyLimit else {
            return unsafe self.core.connections.keep(piece, on: self.held)
        }
        self.core.connections.release(self.held)
        return self.received <= self.patience
    }

    func requestArrived() -> MHD_Result {
        guard !self.held.isCut else { return .NO }
        if self.received > self.bodyLimit {
            return self.queue(RingListenerResponse(status: 413, headers: ["Connection": "close"]))
        }
        guard self.core.add(self) else {
            return self.queue(RingListenerResponse(status: 503, headers: ["Connection": "close"]))
        }
        let mark = self.target.utf8.firstIndex(of: UInt8(ascii: "?"))
        let request = RingListenerRequest(
            method: self.method, path: String(self.target[..<(mark ?? self.target.endIndex)]),
            query: mark.flatMap { String(self.target[$0...].utf8.dropFirst()) }, headers: self.headers,
            body: self.core.connections.takeBody(of: self.held),
            remoteAddress: unsafe addressText(cring_mhd_peer(self.connection.pointer)))
        self.phase = .waiting
        // Suspended before the handler starts: it may be done before this function returns.
        self.connection.suspendForResponse()
        self.state.withLock { $0.isSuspended = true }
        self.core.watch.add(self.connection.socket) { [weak self] in self?.clientLeft() }
        let task = Task { self.deliver(await self.core.handler(request)) }
        self.state.withLock { if $0.isSuspended { $0.task = task } }
        if self.core.isCuttingOff { self.cutOff() }
        return .YES
    }

    func responseReady() -> MHD_Result {
        self.connection.expectResponse(timeout: self.core.limits.engineTimeout)
        guard let response = self.state.withLock({ $0.response.take() }) else { return .NO }
        self.core.connections.release(self.held)
        return self.queue(response)
    }

    private func queue(_ response: RingListenerResponse) -> MHD_Result {
        self.phase = .responded
        guard response.fault != .closeBeforeHeaders else { return .NO }
        let status = UInt32(clamping: min(max(response.status, 200), 999))
        guard let (native, pump) = unsafe engineResponse(for: response, connection: self.connection, core: self.core)
        else {
            return .NO
        }
        self.state.withLock { $0.pump = pump }
        let result = unsafe MHD_queue_response(self.connection.pointer, status, native)
        unsafe MHD_destroy_response(native)
        return result
    }

    func completed() {
        let (task, pump) = self.state.withLock { state in
            (state.task.take(), state.pump.take())
        }
        task?.cancel()
        pump?.detach()
        self.core.connections.release(self.held)
        self.core.connections.expectMore(on: self.held)
        self.core.remove(self)
    }

    // MARK: On any thread

    private func deliver(_ response: RingListenerResponse) {
        self.state.withLock { state in
            state.task = nil
            guard state.isSuspended else { return }
            state.isSuspended = false
            state.response = response
            // Inside the lock, so that the engine is not stopped in between.
            self.core.watch.remove(self.connection.socket)
            self.connection.resume()
        }
    }

    private func clientLeft() {
        self.state.withLock { $0.task }?.cancel()
    }

    /// The listener stops and waits no longer.
    func cutOff() {
        let (task, pump) = self.state.withLock { ($0.task, $0.pump) }
        task?.cancel()
        pump?.fail()
        self.deliver(RingListenerResponse(status: 503, headers: ["Connection": "close"]))
    }
}
