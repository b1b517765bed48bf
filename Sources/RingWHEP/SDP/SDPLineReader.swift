/// Cuts bytes into lines; shared by descriptions and fragments.
enum SDPLineReader {
    static func lines(of bytes: ArraySlice<UInt8>) -> [SDPLine] {
        var lines: [SDPLine] = []
        lines.reserveCapacity(bytes.count / 28 + 1)
        var start = bytes.startIndex
        var index = start
        let end = bytes.endIndex
        while index < end {
            if bytes[index] == 10 {
                let hasReturn = index > start && bytes[index - 1] == 13
                lines.append(
                    SDPLine(
                        bytes: bytes[start..<(hasReturn ? index - 1 : index)],
                        ending: hasReturn ? .carriageReturnLineFeed : .lineFeed))
                start = index + 1
            }
            index += 1
        }
        if start < end { lines.append(SDPLine(bytes: bytes[start..<end], ending: .missing)) }
        return lines
    }

    static func check(_ lines: [SDPLine]) throws(SDPError) {
        for (index, line) in lines.enumerated() where !line.bytes.isEmpty {
            let first = line.bytes.startIndex
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(line.bytes[first] | 0x20)
            guard isLetter, line.bytes.count >= 2, line.bytes[first + 1] == UInt8(ascii: "=") else {
                throw SDPError(
                    code: .malformedLine, line: index + 1, message: "not of the form <letter>=<value>; remove the line")
            }
        }
    }
}
