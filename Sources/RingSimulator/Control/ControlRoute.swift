internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// One route of the control origin: what it does, and what its description says.
struct ControlRoute: Sendable {
    /// A value in the path or the query.
    struct Parameter: Sendable {
        var name: String
        var description: String
        /// A JSON Schema.
        var schema: JSONAPILiteral
        var isInPath = false

        static func query(_ name: String, _ description: String, _ schema: JSONAPILiteral = ["type": "string"]) -> Self
        {
            Self(name: name, description: description, schema: schema)
        }

        static func path(_ name: String, _ description: String, _ schema: JSONAPILiteral = ["type": "string"]) -> Self {
            Self(name: name, description: description, schema: schema, isInPath: true)
        }
    }

    /// A body of a response: a status, what it means, and the name of its schema.
    struct Reply: Sendable {
        var status: Int
        var description: String
        var schema: String?

        init(_ status: Int, _ description: String, _ schema: String? = nil) {
            self.status = status
            self.description = description
            self.schema = schema
        }
    }

    typealias Handler =
        @Sendable (ControlRequest, RingSimulator) async throws(ControlFailure) -> RingListenerResponse

    var method: String
    /// The path, with names in braces.
    var path: String
    /// The name in the description, for generated clients.
    var id: String
    var summary: String
    var parameters: [Parameter] = []
    /// The name of the schema of the body; `nil` without a body.
    var body: String?
    var replies: [Reply]
    var handle: Handler

    init(
        _ method: String, _ path: String, _ id: String, _ summary: String, parameters: [Parameter] = [],
        body: String? = nil, replies: [Reply], handle: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.replies = replies
        self.handle = handle
    }

    /// The values of the path's names; `nil` when the path is another one.
    func match(_ segments: [String]) -> [String: String]? {
        let names = self.path.split(separator: "/")
        guard names.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (name, segment) in zip(names, segments) {
            if name.hasPrefix("{") {
                guard !segment.isEmpty else { return nil }
                values[String(name.dropFirst().dropLast())] = segment
            } else if name != segment {
                return nil
            }
        }
        return values
    }
}

/// A request to the control origin.
struct ControlRequest: Sendable {
    var request: RingListenerRequest
    /// The values of the path's names.
    var values: [String: String]
    /// The body; an empty object without one.
    var body: JSONAPIValue

    /// Finds misspelt members of the body.
    func checkMembers(_ known: String...) throws(ControlFailure) {
        guard self.body.kind == .object else { throw .badRequest("/: an object is needed") }
        for (name, value) in self.body.members where !known.contains(name) {
            throw ControlFailure(.unknownMember(name, value, known))
        }
    }

    /// Finds misspelt items of the query.
    func checkQuery(_ known: String...) throws(ControlFailure) {
        for item in self.request.queryItems where !known.contains(item.name) {
            throw ControlFailure(.unknownName(item.name, kind: "query item", known: known))
        }
    }

    /// A string of the body.
    func string(_ name: String) throws(ControlFailure) -> String? {
        guard let value = self.body[name], !value.isNull else { return nil }
        guard let text = value.string else { throw .badRequest("\(value.path): a string is needed") }
        return text
    }

    func bool(_ name: String) throws(ControlFailure) -> Bool? {
        guard let value = self.body[name], !value.isNull else { return nil }
        guard let bool = value.bool else { throw .badRequest("\(value.path): true or false is needed") }
        return bool
    }

    /// An integer that is not negative.
    func count(_ name: String) throws(ControlFailure) -> Int? {
        guard let value = self.body[name], !value.isNull else { return nil }
        do { return try value.neededCount() } catch { throw ControlFailure(error) }
    }

    func queryCount(_ name: String, in range: ClosedRange<Int>) throws(ControlFailure) -> Int? {
        guard let text = self.request.queryItems.first(where: { $0.name == name })?.value else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .badRequest(
                "query item \(name): a number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return number
    }

    func queryBool(_ name: String) throws(ControlFailure) -> Bool {
        switch self.request.queryItems.first(where: { $0.name == name })?.value {
        case nil, "false", "0": return false
        case "true", "1", "": return true
        default: throw .badRequest("query item \(name): true or false is needed")
        }
    }

    /// The account that the body names, or the first one.
    func account(_ simulator: RingSimulator) throws(ControlFailure) -> RingAccountID {
        let name = try self.string("account")
        let found = simulator.engine.step { state in
            Result { () throws(RingSimulatorError) in
                try state.known(name.map { RingAccountID(rawValue: $0) }, "/account")
            }
        }
        do { return try found.get() } catch { throw ControlFailure(error) }
    }

    /// The account that the path names.
    func pathAccount(_ simulator: RingSimulator) throws(ControlFailure) -> RingAccountID {
        let id = RingAccountID(rawValue: self.values["id"] ?? "")
        let found = simulator.engine.step { state in
            Result { () throws(RingSimulatorError) in try state.checkAccount(id, "the path") }
        }
        do { try found.get() } catch { throw .notFound(error.message) }
        return id
    }
}

/// Why a call of the control origin was not done.
struct ControlFailure: Error, Sendable {
    var status: Int
    var title: String
    var detail: String

    init(status: Int, title: String, detail: String) {
        self.status = status
        self.title = title
        self.detail = detail
    }

    /// A value that is wrong.
    ///
    /// - Parameter part: What it is a part of: `event`, `switches`.
    init(_ error: RingSimulatorError, in part: String? = nil) {
        self.init(
            status: 400, title: "Bad Request", detail: (part.map { "\($0): " } ?? "") + error.message)
    }

    static func badRequest(_ detail: String) -> Self { Self(status: 400, title: "Bad Request", detail: detail) }
    static func notFound(_ detail: String) -> Self { Self(status: 404, title: "Not Found", detail: detail) }
    static func conflict(_ detail: String) -> Self { Self(status: 409, title: "Conflict", detail: detail) }

    var response: RingListenerResponse { .failure(self.status, title: self.title, detail: self.detail) }
}

extension ServiceState {
    /// Finds misspelt names of accounts.
    func checkAccount(_ id: RingAccountID, _ place: String) throws(RingSimulatorError) {
        guard self.places.accounts[id] == nil else { return }
        throw .unknownRecord("\(place): no account has the id", id.rawValue, self.accounts.map(\.id.rawValue))
    }

    /// The account with an id, or the first one.
    func known(_ account: RingAccountID?, _ place: String = "account") throws(RingSimulatorError) -> RingAccountID {
        guard let account = account ?? self.accounts.first?.id else {
            throw RingSimulatorError(message: "there is no account")
        }
        try self.checkAccount(account, place)
        return account
    }

    /// The device with an id or a name.
    func deviceID(
        named name: String, _ place: String, account: RingAccountID? = nil
    ) throws(RingSimulatorError) -> RingDeviceID {
        if let index = self.deviceIndex(named: name, account: account) { return self.devices[index].id }
        let names = self.devices.prefix(1000).flatMap { [$0.device.name, $0.id.rawValue] }
        throw .unknownRecord("\(place): no device has the id or the name", name, names)
    }
}

extension RingSimulatorError {
    static func unknownName(_ name: String, kind: String, known: [String]) -> Self {
        let suggestion = Self.nearest(to: name, in: known).map { "; did you mean \($0)" } ?? ""
        let list = suggestion.isEmpty ? "; use \(known.joined(separator: ", "))" : suggestion
        return Self(message: "unknown \(kind) \(Self.shown(name))\(list)")
    }

    static func unknownValue(_ value: String, _ place: String, _ known: [String]) -> Self {
        Self(message: "\(place): unknown value \(Self.shown(value)); use \(known.joined(separator: ", "))")
    }

    /// An id or name that nothing has; suggests a near one, or lists the first few.
    static func unknownRecord(_ problem: String, _ name: String, _ known: [String]) -> Self {
        let hint: String
        if let nearest = Self.nearest(to: name, in: known) {
            hint = "; did you mean \(Self.shown(nearest))"
        } else {
            let names = known.prefix(8).map(Self.shown).joined(separator: ", ")
            hint = known.isEmpty ? "; there are none" : "; there are \(names)\(known.count > 8 ? ", …" : "")"
        }
        return Self(message: "\(problem) \(Self.shown(name))\(hint)")
    }

    private static func shown(_ text: String) -> String {
        let line = PrintableText.line(text)
        return line.count > 120 ? "\(line.prefix(120))…" : line
    }
}
