import Glibc
import RingJSONAPI

/// Columns of text that fit the terminal: the widest columns give way first, and what is cut ends in `…`. Ids are never cut:
/// people copy them.
struct Table {
    var header: [String]
    private(set) var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ row: [String]) { self.rows.append(row.map(PrintableText.line)) }

    /// The table's lines, the header first.
    func lines(width: Int? = Table.terminalWidth) -> [String] {
        var widths = self.header.map(\.count)
        for row in self.rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.count)
            }
        }
        if let width {
            let gaps = 2 * (widths.count - 1)
            let cuttable = widths.indices.filter { !Self.isWhole(self.header[$0]) }
            while widths.reduce(gaps, +) > width, let index = cuttable.max(by: { widths[$0] < widths[$1] }),
                widths[index] > 8
            { widths[index] -= 1 }
        }
        return ([self.header] + self.rows).map { Self.line($0, widths) }
    }

    private static func isWhole(_ title: String) -> Bool {
        title.hasSuffix("ID") || ["ACCOUNT", "DEVICES", "VALUE"].contains(title)
    }

    /// The terminal's columns; `nil` when standard output is none, so that nothing is cut in a pipe.
    static var terminalWidth: Int? {
        guard isatty(1) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() where index < widths.count {
            let cut = cell.count > widths[index] ? cell.prefix(widths[index] - 1) + "…" : cell[...]
            line += cut
            if index < widths.count - 1 { line += String(repeating: " ", count: widths[index] - cut.count + 2) }
        }
        return line
    }
}
