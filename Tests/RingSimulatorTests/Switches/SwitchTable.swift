import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// One switch: each of its positions, the default first, and what shows it through the sockets.
struct SwitchRow: Sendable, CustomTestStringConvertible {
    typealias Look = @Sendable (Bench) async throws -> String

    var name: String
    /// The value in a scenario file, and what is seen with it.
    var positions: [(value: String, seen: String)]
    /// Other switches that the row needs, as members of a JSON object.
    var with: String
    var setUp: @Sendable (inout RingSimulatorConfiguration) -> Void
    /// Whether it shows in live video only, which needs GStreamer.
    var needsVideo: Bool
    var look: Look

    var testDescription: String { self.name }

    init(
        _ name: String, _ positions: KeyValuePairs<String, String>, with: String = "", needsVideo: Bool = false,
        setUp: @escaping @Sendable (inout RingSimulatorConfiguration) -> Void = { _ in }, look: @escaping Look
    ) {
        self.name = name
        self.positions = positions.map { ($0.key, $0.value) }
        self.with = with
        self.setUp = setUp
        self.needsVideo = needsVideo
        self.look = look
    }

    /// A value as JSON: numbers, `true`, `false` and objects as they are, words in quotes.
    static func json(_ value: String) -> String {
        ["true", "false"].contains(value) || Int(value) != nil || value.hasPrefix("{") ? value : "\"\(value)\""
    }

    func switches(_ value: String) throws -> RingSimulatorSwitches {
        let members = (self.with.isEmpty ? "" : "\(self.with),") + "\"\(self.name)\":\(Self.json(value))"
        return try RingSimulatorConfiguration(scenario: Array("{\"switches\":{\(members)}}".utf8)).switches
    }
}

/// Every switch is shown in all of its positions, and described in the documentation.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SwitchTable {
    static let rows: [SwitchRow] =
        Self.tokenRows + Self.linkingRows + Self.deviceRows + Self.historyRows + Self.webhookRows + Self.liveRows
        + Self.mediaRows + Self.apiRows + Self.accessRows

    @Test(arguments: Self.rows) func everyPositionIsSeen(row: SwitchRow) async throws {
        if row.needsVideo, await !LiveViewer.hasEngine() {
            print("\(row.name): \(LiveViewer.reason)")
            return
        }
        for (value, seen) in row.positions {
            var switches = try row.switches(value)
            // A busy machine may need longer than the default.
            if row.name != "webhook_response_milliseconds" { switches.limits[.webhookResponseMilliseconds] = 600_000 }
            try await Bench.run(
                {
                    $0.switches = switches
                    row.setUp(&$0)
                },
                { bench async throws in
                    #expect(try await row.look(bench) == seen, "\(row.name): \(value)")
                })
        }
    }

    /// The switches of a new simulator, as the control origin shows them.
    private func shown(_ test: (Bench, [String: JSONAPIValue]) async throws -> Void) async throws {
        try await Bench.run({ $0.switches = RingSimulatorSwitches() }) { bench async throws in
            let shown = try await RingSimulatorTests.send("GET", "\(bench.simulator.controlURL)/switches")
            let members = (shown.json?.members ?? []).map { ($0.name, $0.value) }
            try await test(bench, Dictionary(members, uniquingKeysWith: { $1 }))
        }
    }

    /// A new switch needs a row here.
    @Test func everySwitchHasARow() async throws {
        try await self.shown { bench, switches async throws in
            let names = Self.rows.map(\.name)
            #expect(Set(names).count == names.count)
            #expect(Set(switches.keys).subtracting(names).sorted() == [])
            #expect(Set(names).subtracting(switches.keys).sorted() == [])
            for row in Self.rows {
                #expect(row.positions.count > 1, "\(row.name)")
                #expect(Set(row.positions.map(\.seen)).count == row.positions.count, "\(row.name)")
                #expect(row.positions.first.map { SwitchRow.json($0.value) } == switches[row.name]?.text, "\(row.name)")
                guard switches[row.name]?.kind == .string else { continue }
                // A switch with a list of words shows each of them.
                let refused = try await RingSimulatorTests.send(
                    "PATCH", "\(bench.simulator.controlURL)/switches", body: #"{"\#(row.name)":"odd"}"#)
                let words = refused.error?["detail"]?.string?.components(separatedBy: "; use ").last
                #expect(words?.components(separatedBy: ", ").sorted() == row.positions.map(\.value).sorted())
            }
        }
    }

    /// The table of the module's page has every switch with its default, and the meaning that the control origin shows.
    @Test func everySwitchIsDocumented() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/RingSimulator/RingSimulator.docc/RingSimulator.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let table = text.components(separatedBy: "| Switch | Default | Meaning |").last ?? ""
        let lines = table.split(separator: "\n").drop { !$0.hasPrefix("| `") }.prefix { $0.hasPrefix("| `") }
        var documented: [String: String] = [:]
        var meanings: [String: String] = [:]
        for line in lines {
            let cells = line.split(separator: "|").map { $0.trimming(while: { $0 == " " || $0 == "`" }) }
            try #require(cells.count == 3, "\(line)")
            #expect(documented.updateValue(SwitchRow.json(cells[1]), forKey: cells[0]) == nil, "\(cells[0])")
            meanings[cells[0]] = line.split(separator: "|")[2].trimmingCharacters(in: .whitespaces)
        }
        try await self.shown { bench, switches async throws in
            #expect(documented == switches.mapValues(\.text))
            let page = try await RingSimulatorTests.send(
                "GET", "\(bench.simulator.controlURL)/switches/descriptions")
            let shown = try #require(page.json?["switches"]).elements.map {
                ($0["name"]?.string ?? "", $0["description"]?.string ?? "")
            }
            #expect(Set(shown.map(\.0)) == Set(meanings.keys))
            for (name, meaning) in shown { #expect(meaning == meanings[name], "\(name)") }
        }
    }
}

extension Substring {
    /// The text without some characters at both ends.
    fileprivate func trimming(while isBlank: (Character) -> Bool) -> String {
        var text = self.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
