internal import RingCore

/// An answer's status and header fields.
struct CurlHead: Sendable {
    var status: Int
    var fields: RingHTTPFields
    /// The body's length by its field, before any inflating.
    var announced: Int64?
}

extension RingHTTPField.Name {
    static let acceptEncoding = Self("Accept-Encoding")
    static let contentEncoding = Self("Content-Encoding")
    static let transferEncoding = Self("Transfer-Encoding")
}

/// Reads the header lines as libcurl hands them out, within limits.
struct CurlHeadParser {
    enum Step {
        /// The head goes on.
        case more
        /// An interim answer (1xx) is over; the real one follows.
        case interim
        /// The head is whole.
        case complete(CurlHead)
        /// The head is not acceptable.
        case refused(RingError)
    }

    private(set) var status = 0
    private let byteLimit: Int
    private let fieldLimit: Int
    private var bytes = 0
    private var count = 0
    private var isComplete = false
    private var fields: [RingHTTPField] = []

    init(byteLimit: Int, fieldLimit: Int) {
        self.byteLimit = byteLimit
        self.fieldLimit = fieldLimit
    }

    mutating func append(_ line: UnsafeRawBufferPointer) -> Step {
        self.bytes += line.count
        self.count += 1
        guard self.bytes <= self.byteLimit, self.count <= self.fieldLimit else {
            return .refused(
                RingError(
                    code: .responseTooLarge,
                    message: "the answer's header fields exceed \(self.byteLimit) bytes or \(self.fieldLimit) fields; "
                        + "raise the transport's limits if such an answer is expected",
                    status: self.status == 0 ? nil : self.status, delivery: .answered))
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
                    message: "the answer names several lengths for its body, or one that is no number; the server or "
                        + "something before it is at fault", status: self.status, delivery: .unknown))
        }
        self.isComplete = true
        return .complete(
            CurlHead(status: self.status, fields: RingHTTPFields(self.fields), announced: announced))
    }

    /// A body's length by its field, whose one value may stand there several times (RFC 9112 section 6.3). libcurl would
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
