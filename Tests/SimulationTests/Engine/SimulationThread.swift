internal import RingTesting

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The thread that one simulation runs on.
package enum SimulationThread {
    /// Tells the calling thread from every other one that lives now.
    static var current: UInt {
        #if canImport(Darwin)
        unsafe UInt(bitPattern: pthread_self())
        #elseif canImport(Musl)
        unsafe UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }

    /// Runs `work` on a thread of its own, so that it blocks none of Swift's.
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            if !RawThread.start({ continuation.resume(returning: work()) }) { continuation.resume(returning: work()) }
        }
    }
}
