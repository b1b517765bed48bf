/// One thing to measure: several contenders doing the same work at several sizes, in one run.
struct Benchmark: Sendable {
    /// The name on the command line and in the table: `decode.devices`.
    var name: String
    /// What one unit of work is: a device, a call, a megabyte.
    var unit: String
    /// What the figures are: times of the processor, or on the wall for work that waits, or bytes that stay allocated.
    var measures = Measure.processorTime
    /// The sizes, in units a repetition.
    var sizes: [Int]
    /// Makes the contenders for a size, the one to be judged first.
    var contenders: @Sendable (_ size: Int) async throws -> [Contender]
    /// What must hold at every size, or `--check` fails.
    var goals: [Goal] = []

    enum Measure {
        case processorTime, wallTime, memory
        /// Of this process and of the programs that it ran to their end.
        case processorTimeWithChildren
        /// What a repetition returns: microseconds that it measured itself.
        case ownTime
    }
}

/// One way of doing a piece of work.
struct Contender: Sendable {
    var name: String
    /// Does the whole work of one repetition; what it returns keeps the optimiser from dropping it, or is the number of
    /// bytes when memory is measured.
    var run: @Sendable () async throws -> Int

    init(_ name: String, run: @escaping @Sendable () async throws -> Int) {
        self.name = name
        self.run = run
    }
}

/// A threshold that a change must not cross. Ratios travel between machines; times do not, and say so.
enum Goal: Sendable {
    /// The first contender is at least this many times as fast as the named one.
    case atLeast(_ factor: Double, timesAsFastAs: String)
    /// The first contender takes at most this many microseconds a unit, on a machine like that of
    /// `Documentation/Performance.md`.
    case atMost(microsecondsAUnit: Double)
    /// The first contender keeps at most this many bytes a unit.
    case atMostBytes(Double)
    /// A unit at the largest size costs at most this many times a unit at the second size: no slope.
    case flat(within: Double)
}
