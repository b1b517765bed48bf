internal import RingCore
internal import RingJSONAPI

/// Which requests of the journal, or which deliveries, a caller means: for lists, and for calls that wait or assert.
struct RecordFilter: Sendable {
    /// What a filter can name, for requests and for deliveries.
    enum Member: String, CaseIterable {
        // Requests.
        case path, method, origin
        case grantType = "grant_type"
        // Deliveries.
        case type, outcome, device
        case requestID = "request_id"
        // Both.
        case status, account
        case after = "after_number"
    }

    /// What is filtered.
    enum Records: String {
        case requests, deliveries

        var members: [Member] {
            switch self {
            case .requests: [.path, .method, .origin, .grantType, .status, .account, .after]
            case .deliveries: [.type, .outcome, .device, .requestID, .status, .account, .after]
            }
        }
    }

    private var values: [Member: String] = [:]
    private var statuses: [ClosedRange<Int>] = []
    /// Only records with a higher number.
    private(set) var after = 0

    init() {}

    /// Reads a filter from pairs of a query.
    ///
    /// - Parameters:
    ///   - others: Names that are no part of the filter.
    ///   - state: To check names of accounts and devices against.
    init(
        query: [RingHTTPForm.Item], of records: Records, others: [String] = [], in state: ServiceState
    ) throws(RingSimulatorError) {
        for item in query where !others.contains(item.name) {
            guard let member = Member(rawValue: item.name), records.members.contains(member) else {
                throw .unknownName(
                    item.name, kind: "query item", known: records.members.map(\.rawValue) + others)
            }
            try self.set(member, item.value, "query item \(item.name)", state)
        }
    }

    /// Reads a filter from a JSON object.
    init(_ object: JSONAPIValue, of records: Records, in state: ServiceState) throws(RingSimulatorError) {
        guard object.kind == .object else { throw .invalid(object, "an object is needed") }
        for (name, value) in object.members {
            guard let member = Member(rawValue: name), records.members.contains(member) else {
                throw .unknownMember(name, value, records.members.map(\.rawValue))
            }
            guard let text = value.string ?? value.int64.map(String.init) else {
                throw .invalid(value, "a string or a number is needed")
            }
            try self.set(member, text, value.path, state)
        }
    }

    private mutating func set(
        _ member: Member, _ text: String, _ place: String, _ state: ServiceState
    ) throws(RingSimulatorError) {
        self.values[member] = text
        switch member {
        case .status: self.statuses = try Self.statuses(text, place)
        case .after:
            guard let number = Int(text), number >= 0 else {
                throw RingSimulatorError(message: "\(place): a number of a record is needed")
            }
            self.after = number
        case .account: try state.checkAccount(RingAccountID(rawValue: text), place)
        case .device: self.values[.device] = try state.deviceID(named: text, place).rawValue
        case .origin:
            let known = [RingSimulatorRequest.Origin.api, .oauth, .media].map(\.rawValue)
            guard known.contains(text) else { throw .unknownValue(text, place, known) }
        case .outcome:
            let known = RingSimulatorDelivery.Outcome.allCases.map(\.rawValue)
            guard known.contains(text) else { throw .unknownValue(text, place, known) }
        case .method: self.values[.method] = text.uppercased()
        case .path, .grantType, .type, .requestID: break
        }
    }

    /// `404`, `4xx`, `0` for none, and several of them with commas.
    private static func statuses(_ text: String, _ place: String) throws(RingSimulatorError) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for word in text.split(separator: ",") {
            if let status = Int(word), status == 0 || (100...599).contains(status) {
                ranges.append(status...status)
            } else if word.utf8.count == 3, word.lowercased().hasSuffix("xx"), let digit = Int(word.prefix(1)),
                (1...5).contains(digit)
            {
                ranges.append((digit * 100)...(digit * 100 + 99))
            } else {
                throw RingSimulatorError(
                    message: "\(place): \(word) is no status; use 404, 4xx, 0 for no response, or several with commas")
            }
        }
        return ranges
    }

    private func allows(_ status: Int?) -> Bool {
        self.statuses.isEmpty || (status.map { status in self.statuses.contains { $0.contains(status) } } ?? false)
    }

    private func allows(_ member: Member, _ text: @autoclosure () -> String?) -> Bool {
        self.values[member].map { $0 == text() } ?? true
    }

    func matches(_ entry: JournalEntry) -> Bool {
        let request = entry.request
        return entry.number > self.after && self.allows(request.status)
            && self.allows(.method, request.method) && self.allows(.origin, request.origin.rawValue)
            && self.allows(.grantType, request.grantType) && self.allows(.account, request.account?.rawValue)
            && (self.values[.path].map { Self.matches(request.path, $0) } ?? true)
    }

    func matches(_ delivery: RingSimulatorDelivery) -> Bool {
        delivery.number > self.after && self.allows(delivery.attempts.last?.status)
            && self.allows(.type, delivery.type) && self.allows(.outcome, delivery.outcome.rawValue)
            && self.allows(.device, delivery.device?.rawValue) && self.allows(.requestID, delivery.requestID)
            && self.allows(.account, delivery.account.rawValue)
    }

    /// With `*` the pattern is the whole path and `*` stands for anything; otherwise it is the path or a part of it.
    private static func matches(_ path: String, _ pattern: String) -> Bool {
        guard pattern.contains("*") else {
            return pattern.hasPrefix("/") ? path == pattern : path.contains(pattern)
        }
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard path.hasPrefix(parts[0]) else { return false }
        var rest = path.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}
