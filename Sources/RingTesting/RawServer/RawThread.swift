#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A thread of its own for code that blocks.
package enum RawThread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `work` on a new, detached thread; says whether there was one to be had.
    @discardableResult
    package static func start(_ work: @escaping @Sendable () -> Void) -> Bool {
        let box = unsafe Unmanaged.passRetained(Work(work))
        #if canImport(Darwin)
        var thread: pthread_t?
        let failed = unsafe pthread_create(
            &thread, nil,
            {
                unsafe Unmanaged<Work>.fromOpaque($0).takeRetainedValue().run(); return nil
            }, box.toOpaque())
        if failed == 0, let thread = unsafe thread { unsafe pthread_detach(thread) }
        #else
        var thread = pthread_t()
        let failed = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, box.toOpaque())
        if failed == 0 { pthread_detach(thread) }
        #endif
        if failed != 0 { unsafe box.release() }
        return failed == 0
    }
}
