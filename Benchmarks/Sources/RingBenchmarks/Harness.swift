import Foundation

/// Runs benchmarks: rounds in which the contenders take turns, so that a busy minute hits all of them, and medians.
struct Harness {
    var rounds = 15
    var seconds = 0.02

    struct Row: Codable {
        var benchmark: String
        var size: Int
        var contender: String
        var unit: String
        var microsecondsAUnit: Double
        /// How many times as long as the first contender.
        var ratio: Double
    }

    struct Verdict: Codable {
        var benchmark: String
        var goal: String
        var measured: Double
        var isMet: Bool
    }

    func run(_ benchmark: Benchmark) async throws -> (rows: [Row], verdicts: [Verdict]) {
        var rows: [Row] = []
        for size in benchmark.sizes {
            let contenders = try await benchmark.contenders(size)
            var times: [[Double]] = Array(repeating: [], count: contenders.count)
            var repetitions: [Int] = []
            for contender in contenders {
                let once = try await self.time(contender, 1, benchmark.measures)
                repetitions.append(max(1, Int(self.seconds / max(once, 1e-9))))
            }
            for _ in 0..<self.rounds {
                for (index, contender) in contenders.enumerated() {
                    let elapsed = try await self.time(contender, repetitions[index], benchmark.measures)
                    times[index].append(elapsed / Double(repetitions[index] * size))
                }
            }
            let medians = times.map { $0.sorted()[$0.count / 2] * 1e6 }
            for (index, contender) in contenders.enumerated() {
                rows.append(
                    Row(
                        benchmark: benchmark.name, size: size, contender: contender.name, unit: benchmark.unit,
                        microsecondsAUnit: medians[index], ratio: medians[index] / medians[0]))
            }
        }
        return (rows, benchmark.goals.flatMap { self.judge($0, benchmark, rows) })
    }

    private func time(
        _ contender: Contender, _ repetitions: Int, _ measures: Benchmark.Measure
    ) async throws -> Double {
        let start = Self.now(measures)
        var sum = 0
        for _ in 0..<repetitions { sum &+= try await contender.run() }
        let elapsed = Self.now(measures) - start
        blackHole(sum)
        // One figure a row: bytes travel as if they were microseconds.
        return measures == .memory || measures == .ownTime ? Double(sum) / 1e6 : elapsed
    }

    /// Seconds on the wall, or seconds of processor time of this process: the latter does not mind a busy machine.
    private static func now(_ measures: Benchmark.Measure) -> Double {
        if measures == .processorTimeWithChildren { return Self.processorTimeWithChildren() }
        var time = timespec()
        clock_gettime(measures == .processorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func processorTimeWithChildren() -> Double {
        // RUSAGE_SELF and RUSAGE_CHILDREN: an enumeration on one system, numbers on the other.
        ([0, -1] as [Int32]).reduce(0) { sum, who in
            var usage = rusage()
            getrusage(who, &usage)
            let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
            return sum + Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        }
    }

    private func judge(_ goal: Goal, _ benchmark: Benchmark, _ rows: [Row]) -> [Verdict] {
        let first = rows.filter { $0.ratio == 1 }
        switch goal {
        case .atLeast(let factor, let name):
            return rows.filter { $0.contender == name }.map {
                Verdict(
                    benchmark: "\(benchmark.name) \($0.size)", goal: "at least \(factor) × \(name)", measured: $0.ratio,
                    isMet: $0.ratio >= factor)
            }
        case .atMostBytes(let limit):
            return first.map {
                Verdict(
                    benchmark: "\(benchmark.name) \($0.size)", goal: "at most \(limit) bytes a \(benchmark.unit)",
                    measured: $0.microsecondsAUnit, isMet: $0.microsecondsAUnit <= limit)
            }
        case .atMost(let limit):
            return first.map {
                Verdict(
                    benchmark: "\(benchmark.name) \($0.size)", goal: "at most \(limit) µs a \(benchmark.unit)",
                    measured: $0.microsecondsAUnit, isMet: $0.microsecondsAUnit <= limit)
            }
        case .flat(let limit):
            guard first.count > 2, let last = first.last else { return [] }
            let slope = last.microsecondsAUnit / first[1].microsecondsAUnit
            return [
                Verdict(
                    benchmark: benchmark.name, goal: "flat within \(limit) from \(first[1].size) to \(last.size)",
                    measured: slope, isMet: slope <= limit)
            ]
        }
    }
}

@inline(never) func blackHole(_ value: Int) {
    if value == .min { FileHandle.standardError.write(Data()) }
}
