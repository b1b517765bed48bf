internal import CRingMicrohttpd

/// A connection of the engine.
///
/// `@unchecked`: the pointer is opaque, and the two calls made from other threads, resuming and asking for the socket of a
/// suspended connection, are the ones libmicrohttpd allows from any thread.
@safe struct EngineConnection: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    var socket: Int32 { unsafe cring_mhd_socket(self.pointer) }
    func suspend() { unsafe MHD_suspend_connection(self.pointer) }
    func resume() { unsafe MHD_resume_connection(self.pointer) }
}

/// The engine itself. `@unchecked`: libmicrohttpd's daemon is made to be stopped from a thread that is not its own.
@safe struct EngineDaemon: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }
}
