import Foundation

/// `ring-benchmarks [name…] [--json] [--check] [--quick] [--list]`
@main struct RingBenchmarks {
    /// Every benchmark. Add yours here.
    static let all: [Benchmark] = [
        .readDevices,
        .decodeDevices,
        .webhookDecode,
        .webhookInbox,
        .postgresInbox,
        .nonceSearch,
        .linkSearch,
        .firstToken,
        .httpGet,
        .httpGetOnOneThread,
        .getDevices,
        .getDevicesOnOneThread,
        .httpConcurrent,
        .httpConcurrentTail,
        .httpFile,
        .parseOffer,
        .parseLongOffer,
        .freshToken,
        .manyAccounts,
        .accountMemory,
        .clipProcessorTime,
        .clipWallTime,
    ]

    static func main() async throws { try await self.run() }

    /// Off the main actor, as the requests of a service are: back to an actor is one more wake-up a call.
    @concurrent private static func run() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.contains("--serve") { return try BenchmarkServer.serve() }
        if arguments.first == MediaServer.word { return try MediaServer.serve() }
        let names = arguments.filter { !$0.hasPrefix("--") }
        let chosen = Self.all.filter { benchmark in names.isEmpty || names.contains { benchmark.name.hasPrefix($0) } }
        if arguments.contains("--list") {
            for benchmark in Self.all { print(benchmark.name) }
            return
        }
        var harness = Harness()
        if arguments.contains("--quick") { (harness.rounds, harness.seconds) = (3, 0.005) }
        var rows: [Harness.Row] = []
        var verdicts: [Harness.Verdict] = []
        for benchmark in chosen {
            let result = try await harness.run(benchmark)
            rows += result.rows
            verdicts += result.verdicts
            if !arguments.contains("--json") { Self.printTable(result.rows, benchmark.measures) }
        }
        if arguments.contains("--json") {
            try Self.printJSON(rows, verdicts)
        } else {
            Self.printVerdicts(verdicts)
        }
        if arguments.contains("--check"), verdicts.contains(where: { !$0.isMet }) { exit(1) }
    }

    private static func printTable(_ rows: [Harness.Row], _ measures: Benchmark.Measure) {
        guard let first = rows.first else { return }
        let unit = measures == .memory ? "bytes" : "microseconds"
        print("\n\(first.benchmark), \(unit) a \(first.unit)\n")
        print(Self.line("size", "contender", measures == .memory ? "bytes" : "µs", "ratio"))
        for row in rows {
            print(
                Self.line(
                    String(row.size), row.contender, Self.number(row.microsecondsAUnit), Self.number(row.ratio)))
        }
    }

    private static func printVerdicts(_ verdicts: [Harness.Verdict]) {
        print("")
        for verdict in verdicts {
            print(
                "\(verdict.isMet ? "met   " : "MISSED") \(verdict.benchmark): \(verdict.goal), measured \(Self.number(verdict.measured))"
            )
        }
    }

    private static func printJSON(_ rows: [Harness.Row], _ verdicts: [Harness.Verdict]) throws {
        struct Output: Codable {
            var rows: [Harness.Row]
            var verdicts: [Harness.Verdict]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(Output(rows: rows, verdicts: verdicts)), as: UTF8.self))
    }

    private static func line(_ size: String, _ name: String, _ time: String, _ ratio: String) -> String {
        func left(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return right(size, 8) + "  " + left(name, 44) + right(time, 12) + right(ratio, 10)
    }

    private static func number(_ value: Double) -> String {
        String(format: value < 10 ? "%.3f" : value < 1000 ? "%.1f" : "%.0f", value)
    }
}
