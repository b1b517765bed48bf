/// What somebody may have meant.
enum Suggestion {
    /// The word that is most like another one; `nil` when none is like it.
    static func nearest(to word: String, in words: [String]) -> String? {
        let limit = max(1, min(3, word.count / 3))
        let near = words.map { ($0, Self.distance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
        guard let near, near.1 <= limit else { return nil }
        return near.0
    }

    /// The command that is most like some words: as they stand, in another order, or with their last word alone.
    static func command(for words: [String], in commands: [Command]) -> String? {
        let names = commands.map(\.name)
        if let near = Self.nearest(to: words.joined(separator: " "), in: names) { return near }
        let reversed = words.reversed().joined(separator: " ")
        if names.contains(reversed) { return reversed }
        guard let first = words.first else { return nil }
        if let command = commands.first(where: { $0.path.count > 1 && $0.path.last == first }) { return command.name }
        // A group's name, with the rest as it was given where that is a command.
        guard let group = Self.nearest(to: first, in: commands.map { $0.path[0] }) else { return nil }
        let whole = ([group] + words.dropFirst()).joined(separator: " ")
        return Self.nearest(to: whole, in: names) ?? group
    }

    /// How many letters have to be inserted, removed, replaced or exchanged with their neighbour.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for (i, letter) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (letter == other ? 0 : 1))
                if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
