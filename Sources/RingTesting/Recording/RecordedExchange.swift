internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A body as it stands in a recording.
enum RecordedBody: Sendable {
    case none
    case json(JSONAPILiteral)
    case text(String)
    /// Media of this type that was left out.
    case media(String)
    case base64(String)

    var member: (String, JSONAPILiteral)? {
        switch self {
        case .none: nil
        case .json(let value): ("json", value)
        case .text(let text): ("text", .string(text))
        case .media(let type): ("media", .string(type))
        case .base64(let text): ("base64", .string(text))
        }
    }

    init(_ object: JSONAPIValue) {
        if let json = object.member("json") {
            self = .json(.value(json))
        } else if let text = object["text"]?.string {
            self = .text(text)
        } else if let type = object["media"]?.string {
            self = .media(type)
        } else if let text = object["base64"]?.string {
            self = .base64(text)
        } else {
            self = .none
        }
    }

    /// The bytes of a response.
    func bytes(origin: String) -> [UInt8] {
        switch self {
        case .none: []
        case .json(let value): Array(value.text.replacing(RecordingScrubber.ownOrigin, with: origin).utf8)
        case .text(let text): Array(text.replacing(RecordingScrubber.ownOrigin, with: origin).utf8)
        case .media(let type): RecordedMedia.bytes(type)
        case .base64(let text): Data(base64Encoded: text).map(Array.init) ?? []
        }
    }
}

/// A request as it stands in a recording, and what it is recognised by.
struct RecordedRequest: Hashable, Sendable {
    /// The name of the operation: `devices.list`.
    var operation: String
    var method: String
    var path: String
    var query: String
    /// The body without what differs each time: secrets, and the keys of an offer.
    var body: String

    /// Reads a request.
    ///
    /// - Parameter bytes: Its body.
    /// - Returns: The request, and its body for the recording.
    static func read(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ bytes: [UInt8], _ scrubber: inout RecordingScrubber
    ) -> (request: Self, body: RecordedBody) {
        let path = scrubber.path(request.url.path(percentEncoded: true))
        let query = request.url.query(percentEncoded: true).map { scrubber.query($0) } ?? ""
        let type = request.headerFields[.contentType]?.lowercased() ?? ""
        let text = String(decoding: bytes, as: UTF8.self)
        var recorded = Self(
            operation: operation.name, method: request.method.rawValue, path: path, query: query, body: "")
        let own = RecordedExchange.origin(of: request.url)
        if bytes.isEmpty { return (recorded, .none) }
        if type.hasPrefix("application/sdp") {
            recorded.body = RecordedSDP.shape(text)
            return (recorded, .text(RecordedSDP.scrubbed(text)))
        }
        if type.hasPrefix("application/trickle-ice-sdpfrag") {
            recorded.body = "sdpfrag"
            return (recorded, .text(RecordedSDP.scrubbed(text)))
        }
        if type.hasPrefix("application/x-www-form-urlencoded") {
            let form = scrubber.query(text)
            recorded.body = form.split(separator: "&").map { item in
                let name = item.prefix { $0 != "=" }
                return RecordingVocabulary.secretFields.contains(String(name)) ? "\(name)=*" : String(item)
            }.sorted().joined(separator: "&")
            return (recorded, .text(form))
        }
        if let value = try? JSONAPIValue(parsing: bytes) {
            let json = scrubber.json(value, own: own)
            recorded.body = Self.key(json)
            return (recorded, .json(json))
        }
        recorded.body = "\(bytes.count) bytes"
        return (recorded, .text(recorded.body))
    }

    /// The text of a JSON value with sorted members, and with `*` for secrets.
    private static func key(_ literal: JSONAPILiteral) -> String {
        guard let value = try? JSONAPIValue(parsing: literal.bytes) else { return "" }
        return self.key(value)
    }

    private static func key(_ value: JSONAPIValue) -> String {
        switch value.kind {
        case .array: "[\(value.elements.map { self.key($0) }.joined(separator: ","))]"
        case .object:
            "{"
                + value.members.sorted { $0.name < $1.name }.map { name, value in
                    RecordingVocabulary.secretFields.contains(name) ? "\(name):*" : "\(name):\(self.key(value))"
                }.joined(separator: ",") + "}"
        default: value.text
        }
    }

    /// For an error: what was requested, and the beginning of its body.
    var summary: String {
        let target = self.query.isEmpty ? self.path : "\(self.path)?\(self.query)"
        let body = self.body.isEmpty ? "" : " with \(self.body.prefix(200))"
        return "\(self.method) \(target)\(body) (\(self.operation))"
    }

    /// How many of its parts are the same in another one, the more important ones counting more.
    func likeness(to other: Self) -> Int {
        let common = zip(self.path.utf8, other.path.utf8).prefix { $0 == $1 }.count
        return (self.path == other.path ? 4000 : min(common, 999)) + (self.method == other.method ? 2000 : 0)
            + (self.operation == other.operation ? 1500 : 0) + (self.query == other.query ? 1000 : 0)
            + (self.body == other.body ? 1000 : 0)
    }

    /// The parts that differ from another one.
    func differences(from other: Self) -> String {
        let parts = [
            ("operation", self.operation == other.operation), ("method", self.method == other.method),
            ("path", self.path == other.path), ("query", self.query == other.query), ("body", self.body == other.body),
        ]
        return parts.filter { !$0.1 }.map(\.0).joined(separator: ", ")
    }
}

/// One request with its response, as a line of a recording.
struct RecordedExchange: Sendable {
    var request: RecordedRequest
    var sent: RecordedBody
    var status: Int?
    var headers: RingHTTPFields = [:]
    var received = RecordedBody.none
    /// The code and the delivery of a failure: in place of a response, or in its body when there is a status.
    var failure: (code: String, delivery: String)?

    /// Scheme, host and port, as they begin a URL.
    static func origin(of url: URL) -> String {
        let port = url.port.map { ":\($0)" } ?? ""
        return "\(url.scheme?.lowercased() ?? "")://\(url.host()?.lowercased() ?? "")\(port)"
    }

    var line: String {
        let request = self.request
        var members: [(String, JSONAPILiteral)] = [
            ("operation", .string(request.operation)), ("method", .string(request.method)),
            ("path", .string(request.path)), ("query", .string(request.query)), ("match", .string(request.body)),
        ]
        if let body = self.sent.member { members.append(("request", .object([body]))) }
        if let status { members.append(("status", .int(Int64(status)))) }
        if !self.headers.isEmpty {
            members.append(
                ("headers", .array(self.headers.map { .array([.string($0.name.rawName), .string($0.value)]) })))
        }
        if let body = self.received.member { members.append(("response", .object([body]))) }
        if let failure {
            members.append(("failure", ["code": .string(failure.code), "delivery": .string(failure.delivery)]))
        }
        return JSONAPILiteral.object(members).text
    }

    /// Reads a line.
    ///
    /// - Returns: `nil` when it is none of a recording.
    init?(line value: JSONAPIValue) {
        guard let operation = value["operation"]?.string, let method = value["method"]?.string,
            let path = value["path"]?.string
        else { return nil }
        self.request = RecordedRequest(
            operation: operation, method: method, path: path, query: value["query"]?.string ?? "",
            body: value["match"]?.string ?? "")
        self.sent = value["request"].map(RecordedBody.init) ?? .none
        self.status = value["status"]?.int64.map(Int.init(clamping:))
        self.received = value["response"].map(RecordedBody.init) ?? .none
        for field in value["headers"]?.elements ?? [] {
            guard let name = field.elements.first?.string, let text = field.elements.last?.string else { return nil }
            self.headers.append(RingHTTPField(name: .init(name), value: text))
        }
        if let failure = value["failure"] {
            self.failure = (failure["code"]?.string ?? "", failure["delivery"]?.string ?? "")
        }
        guard self.status != nil || self.failure != nil else { return nil }
    }

    init(_ request: RecordedRequest, sent: RecordedBody) {
        self.request = request
        self.sent = sent
    }

    /// The error of the failure.
    func error(during operation: RingOperation) -> RingError? {
        self.failure.map { failure in
            RingError(
                code: RingError.Code(known: failure.code), message: "as recorded: \(failure.code)",
                operation: operation,
                status: self.status, delivery: RingError.Delivery(rawValue: failure.delivery) ?? .unknown)
        }
    }
}

extension RingError.Code {
    /// A code by its word, with its transience.
    fileprivate init(known word: String) {
        let known: [Self] = [
            .hostNotFound, .connectionFailed, .connectionLost, .timedOut, .protocolViolation, .responseTooLarge,
            .deadlineExceeded,
        ]
        self = known.first { $0.rawValue == word } ?? Self(word)
    }
}
