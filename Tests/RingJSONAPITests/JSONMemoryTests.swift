#if os(Linux)
import Foundation
import RingJSONAPI
import RingTesting
import Testing

/// What a document costs beside its own text, in a process of its own.
@Suite struct JSONMemoryTests {
    /// 24 MB of strings: reading takes a small part of that, and asking for them takes all of it.
    @Test func stringsStayInTheTextUntilTheyAreAskedFor() async {
        await #expect(processExitsWith: .success) {
            var text: [UInt8] = Array("[".utf8)
            let string = Array(("\"" + String(repeating: "é", count: 500) + "\",").utf8)
            for _ in 0..<24_000 { text.append(contentsOf: string) }
            text.append(contentsOf: Array("0]".utf8))

            let before = ProcessMeasure.residentBytes
            let value = try JSONAPIValue(parsing: text)
            guard value.count == 24_001 else { exit(2) }
            guard ProcessMeasure.residentBytes - before < 4 << 20 else { exit(3) }
            let strings = value.elements.map(\.string)
            guard ProcessMeasure.residentBytes - before > 24 << 20 else { exit(4) }
            guard strings.last == .some(nil), strings.first??.count == 500 else { exit(5) }
        }
    }
}
#endif
