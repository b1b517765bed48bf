import Glibc

/// Columns of text that fit the terminal: the widest columns give way first, and what is cut ends in `…`.
struct Table {
    var header: [String]
    var rows: [[String]] = []

    init(_ header: String...) { self.header = header }

    mutating func add(_ row: [String]) { self.rows.append(row) }

    /// The table's lines.
    func text(width: Int? = Table.terminalWidth, bold: Bool = false) -> String {
        var widths = self.header.map(\.count)
        for row in self.rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.count)
            }
        }
        if let width {
            let gaps = 2 * (widths.count - 1)
            while widths.reduce(gaps, +) > width, let widest = widths.max(), widest > 8,
                let index = widths.firstIndex(of: widest)
            { widths[index] -= 1 }
        }
        let head = Self.line(self.header, widths)
        let lines = [bold ? "\u{1B}[1m\(head)\u{1B}[0m" : head] + self.rows.map { Self.line($0, widths) }
        return lines.joined(separator: "\n")
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
            let plain = String(cell.map { $0.isNewline || $0 == "\u{1B}" ? " " : $0 })
            let cut = plain.count > widths[index] ? plain.prefix(widths[index] - 1) + "…" : plain[...]
            line += cut
            if index < widths.count - 1 { line += String(repeating: " ", count: widths[index] - cut.count + 2) }
        }
        return line
    }
}
