internal import CRingMicrohttpd

/// A connection of the engine.
///
/// `@unchecked`: the pointer is opaque, and the two calls made from other threads, resuming and asking for the socket of a
/// suspended connection, are the ones libmicrohttpd allows from any thread.
@safe struct EngineConnection: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Wakes the engine's thread, which does not notice a resumption by itself.
    private let wakeUp: Int32

    init(_ pointer: OpaquePointer, wakeUp: Int32) {
        unsafe self.pointer = unsafe pointer
        self.wakeUp = wakeUp
    }

    var socket: Int32 { unsafe cring_mhd_socket(self.pointer) }
    func suspend() { unsafe MHD_suspend_connection(self.pointer) }
    func resume() {
        unsafe MHD_resume_connection(self.pointer)
        cring_wake(self.wakeUp)
    }
}

/// The engine itself. `@unchecked`: used by the engine's thread alone, once that runs.
@safe struct EngineDaemon: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }
}
