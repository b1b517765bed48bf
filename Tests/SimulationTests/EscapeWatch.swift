import Foundation
import RingTesting

#if canImport(Glibc)
import Glibc
#endif

/// Finds code under simulation that starts a task on Swift's own threads.
///
/// Such a task runs at the same time as the simulation, so its order is not the seed's. The runtime calls a hook before
/// it gives a job to its threads; it is not public API, so without it only the returns of such tasks are found, by
/// chance.
enum EscapeWatch {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Whether the hook is in place; the first reading sets it.
    static let isActive: Bool = {
        #if canImport(Glibc)
        guard let symbol = unsafe dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else { return false }
        let hook: Hook = { job, original in
            if let simulation = Simulation.current {
                let stack = Thread.callStackSymbols.dropFirst(2).prefix(12).joined(separator: "\n    ")
                simulation.fail("a task was started outside of the executor:\n    \(stack)")
            }
            original(job)
        }
        unsafe symbol.assumingMemoryBound(to: Hook?.self).pointee = hook
        return true
        #else
        return false
        #endif
    }()
}
