internal import RingCore

/// Reads the header lines of a response as libcurl passes them on, within limits.
struct CurlHeadParser {
    enum Step {
        /// The head continues.
        case more
        /// An interim response (1xx) is complete; the final one follows.
        case interim
        /// The head is complete. The length is that of the body by its field, before any decompression.
        case complete(RingHTTPFields, announced: Int64?)
        /// The head is not acceptable.
        case refused(RingError)
    }

    private(set) var status = 0
    private let maximumBytes: Int
    private let maximumFieldCount: Int
    private var bytes = 0
    private var count = 0
    private var isComplete = false
    private var fields: [RingHTTPField] = []

    init(maximumBytes: Int, maximumFieldCount: Int) {
        self.maximumBytes = maximumBytes
        self.maximumFieldCount = maximumFieldCount
    }

    mutating func append(_ line: UnsafeRawBufferPointer) -> Step {
        self.bytes += line.count
        self.count += 1
        guard self.bytes <= self.maximumBytes, self.count <= self.maximumFieldCount else {
            return .refused(
                RingError(
                    code: .responseTooLarge,
                    message: "the response's header fields exceed the \(self.maximumBytes) bytes or "
                        + "\(self.maximumFieldCount) fields allowed; the server or a proxy before it is at fault",
                    status: self.status == 0 ? nil : self.status, delivery: .responded))
        }
        guard !self.isComplete else { return .more }
        var text = unsafe line[...]
        while let last = unsafe text.last, last == UInt8(ascii: "\r") || last == UInt8(ascii: "\n") {
            unsafe text = text.dropLast()
        }
        if unsafe text.isEmpty { return self.endOfHead() }
        if unsafe text.starts(with: "HTTP/".utf8) {
            self.fields.removeAll()
            unsafe self.status = Self.status(of: text)
        } else if let first = unsafe text.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            // RFC 9112 section 5.2: a folded line continues the one before it.
            let more = unsafe Self.trim(text)
            if let last = self.fields.indices.last { self.fields[last].value += " " + more }
        } else if let colon = unsafe text.firstIndex(of: UInt8(ascii: ":")) {
            self.fields.append(
                unsafe RingHTTPField(
                    name: RingHTTPField.Name(Self.trim(text[..<colon])), value: Self.trim(text[(colon + 1)...])))
        }
        return .more
    }

    private mutating func endOfHead() -> Step {
        if (100..<200).contains(self.status), self.status != 101 {
            self.fields.removeAll()
            return .interim
        }
        let lengths = self.fields.lazy.filter { $0.name == .contentLength }.map(\.value)
        let length = lengths.first
        let announced = length.flatMap { Self.length($0) }
        guard
            lengths.allSatisfy({ $0 == length && announced != nil })
                || self.fields.contains(where: { $0.name == .transferEncoding })
        else {
            return .refused(
                RingError(
                    code: .protocolViolation,
                    message:
                        "the response has several lengths for its body, or one that is not a number; the server or a "
                        + "proxy before it is at fault", status: self.status, delivery: .unknown))
        }
        self.isComplete = true
        return .complete(RingHTTPFields(self.fields), announced: announced)
    }

    /// A body's length by its field, whose value may be repeated (RFC 9112 section 6.3). libcurl would
    /// take `0x10` for 0.
    private static func length(_ text: String) -> Int64? {
        if text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) { return Int64(text) }
        let values = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        guard let first = values.first, values.count > 1, values.allSatisfy({ $0 == first }) else { return nil }
        return Self.length(first)
    }

    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int {
        guard let space = unsafe line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
        var status = 0
        for index in unsafe (space + 1)..<min(space + 4, line.endIndex) {
            let byte = unsafe line[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return 0 }
            status = status * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return status
    }

    private static func trim(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var text = unsafe bytes
        while let first = unsafe text.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            unsafe text = text.dropFirst()
        }
        while let last = unsafe text.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
            unsafe text = text.dropLast()
        }
        return unsafe String(decoding: text, as: UTF8.self)
    }
}
