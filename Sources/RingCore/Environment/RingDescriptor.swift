#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Writing to a file descriptor.
package enum RingDescriptor {
    /// Writes once, as `write(2)`. A pipe or a socket without a reader gives `EPIPE`, and no signal that would end the process.
    package static func write(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
        _ = fcntl(file, F_SETNOSIGPIPE, 1)
        return unsafe Darwin.write(file, bytes, count)
        #else
        // The signal goes to this thread. It is held back, and taken away before it could be delivered.
        var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe sigpending(&pending)
        let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1
        unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
        #if canImport(Musl)
        let result = unsafe Musl.write(file, bytes, count)
        #else
        let result = unsafe Glibc.write(file, bytes, count)
        #endif
        let number = errno
        if result < 0, number == EPIPE, !wasPending {
            var now = timespec()
            while unsafe sigtimedwait(&pipe, nil, &now) < 0, errno == EINTR {}
        }
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = number
        return result
        #endif
    }
}
