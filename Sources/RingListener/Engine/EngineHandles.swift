internal import CRingMicrohttpd

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

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
    /// Whether the client has closed its side, and everything it had sent was read.
    var hasEnded: Bool {
        var byte: UInt8 = 0
        return unsafe recv(self.socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
    }

    func suspend() { unsafe MHD_suspend_connection(self.pointer) }

    /// Suspends a connection whose request is complete.
    ///
    /// The engine reads from a resumed connection before it asks for the response, unless the connection has a time limit of
    /// its own: those it asks first. If it reads the end of a client that has closed its side, nothing is sent any more.
    func suspendForResponse() {
        unsafe cring_mhd_set_timeout(self.pointer, Self.suspendedTimeout)
        self.suspend()
    }

    /// Gives a resumed connection the time limit of all others.
    func expectResponse(timeout: Int) { unsafe cring_mhd_set_timeout(self.pointer, UInt32(timeout)) }

    /// One that no listener has: see ``RingListenerLimits/engineTimeout``. It is never reached, since the engine does not count
    /// while a connection is suspended.
    private static let suspendedTimeout: UInt32 = 86_401

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
