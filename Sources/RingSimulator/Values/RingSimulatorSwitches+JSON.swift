internal import RingJSONAPI

/// The switches as members of a JSON object, by the raw values of their cases.
extension RingSimulatorSwitches {
    /// Names of earlier versions, which scenario files may still use.
    private static let earlierNames = [
        "refresh_answers_to_lose": Failure.refreshResponseLost.rawValue,
        "refresh_answers_to_hold": Failure.refreshResponseHeld.rawValue,
        "integration_flat_answers": LinkingBehavior.flatIntegrations.rawValue,
        "webhook_answer_milliseconds": Limit.webhookResponseMilliseconds.rawValue,
    ]

    /// A switch that is on or off.
    private typealias Flag = (name: String, isOn: Bool, set: (inout RingSimulatorSwitches, Bool) -> Void)
    /// A switch with a closed list of words.
    private typealias Choice = (
        name: String, value: String, words: [String], set: (inout RingSimulatorSwitches, String) -> Void
    )

    /// Changes the switches that an object names.
    ///
    /// - Throws: ``RingSimulatorError`` for a name that is not one of a switch, and for a value that the switch does not take.
    mutating func apply(_ object: JSONAPIValue) throws(RingSimulatorError) {
        guard object.kind == .object else { throw .invalid(object, "an object is needed") }
        for (writtenName, value) in object.members {
            let name = Self.earlierNames[writtenName] ?? writtenName
            if name == Self.ratesName {
                try self.applyRates(value)
            } else if let failure = Failure(rawValue: name) {
                self.next[failure] = try value.neededCount()
            } else if let limit = Limit(rawValue: name) {
                self.limits[limit] = try value.neededCount()
            } else if let status = Status(rawValue: name) {
                self.statuses[status] = try status.checked(value)
            } else if let flag = self.flags.first(where: { $0.name == name }) {
                flag.set(&self, try value.needed(value.bool, "true or false"))
            } else if let choice = self.choices.first(where: { $0.name == name }) {
                let word = try value.needed(value.string, "a string")
                guard choice.words.contains(word) else { throw .unknownWord(word, value, choice.words) }
                choice.set(&self, word)
            } else {
                throw .unknownMember(writtenName, value, Self.names)
            }
        }
    }

    /// The member with the rates of failures.
    static let ratesName = "rates"

    mutating func applyRates(_ rates: JSONAPIValue) throws(RingSimulatorError) {
        guard rates.kind == .object else { throw .invalid(rates, "an object is needed") }
        for (name, value) in rates.members {
            guard let failure = Failure(rawValue: Self.earlierNames[name] ?? name) else {
                throw .unknownMember(name, value, Failure.allCases.map(\.rawValue))
            }
            self.rates[failure] = try value.needed(
                value.double.flatMap { (0...1).contains($0) ? $0 : nil }, "a number from 0 to 1")
        }
    }

    /// All switches with their present values.
    var literal: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = self.flags.map { ($0.name, .bool($0.isOn)) }
        members += self.choices.map { ($0.name, .string($0.value)) }
        members += Failure.allCases.map { ($0.rawValue, .int(Int64(self.next[$0] ?? 0))) }
        members += Limit.allCases.map { ($0.rawValue, .int(Int64(self.limit($0)))) }
        members += Status.allCases.map { ($0.rawValue, .int(Int64(self.status($0)))) }
        let rates = Failure.allCases.filter { self.rates[$0] ?? 0 > 0 }
        members.append((Self.ratesName, .object(rates.map { ($0.rawValue, .double(self.rates[$0] ?? 0)) })))
        return .object(members)
    }

    /// The names of all switches.
    static var names: [String] {
        let standard = Self()
        return standard.flags.map(\.name) + standard.choices.map(\.name) + Failure.allCases.map(\.rawValue)
            + Limit.allCases.map(\.rawValue) + Status.allCases.map(\.rawValue) + [Self.ratesName]
    }

    private var flags: [Flag] {
        self.flags(\.linking) + self.flags(\.devices) + self.flags(\.history) + self.flags(\.webhooks)
            + self.flags(\.liveVideo) + self.flags(\.media) + self.flags(\.api) + self.flags(\.scopes)
    }

    private var choices: [Choice] {
        [
            self.choice("token_error_form", \.tokenErrorForm), self.choice("webhook_sub_type", \.subTypePlace),
            self.choice("webhook_version", \.webhookVersion), self.choice("whep_location", \.sessionLocation),
            self.choice("clip_delivery", \.clipDelivery), self.choice("media_length_header", \.lengthHeader),
            self.choice("clip_missing_code", \.missingClipCode), self.choice("media_body", \.mediaBody),
            self.choice("plan_enforcement", \.planEnforcement), self.choice("rate_limit_window", \.rateWindow),
            self.choice("json_content_type", \.jsonType), self.choice("token_scope", \.tokenScope),
            self.choice("refresh_token_life", \.refreshLife), self.choice("nonce_form", \.nonceForm),
            self.choice("chime_body", \.chimeBody), self.choice("sensor_readings", \.sensorReadings),
            self.choice("whep_audio", \.liveAudio),
        ]
    }

    private func flags<Behavior: RawRepresentable<String> & CaseIterable & Hashable>(
        _ path: WritableKeyPath<Self, Set<Behavior>>
    ) -> [Flag] {
        Behavior.allCases.map { behavior in
            (
                behavior.rawValue, self[keyPath: path].contains(behavior),
                { switches, isOn in
                    if isOn {
                        switches[keyPath: path].insert(behavior)
                    } else {
                        switches[keyPath: path].remove(behavior)
                    }
                }
            )
        }
    }

    private func choice<Form: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Self, Form>
    ) -> Choice {
        (
            name, self[keyPath: path].rawValue, Form.allCases.map(\.rawValue),
            { switches, word in if let form = Form(rawValue: word) { switches[keyPath: path] = form } }
        )
    }
}

/// What a switch takes.
enum SwitchKind: Hashable, Sendable {
    /// On or off.
    case flag
    /// One of these words.
    case choice([String])
    /// How many of the next requests fail.
    case countdown
    /// A duration, a size or a count.
    case limit
    /// A status in a range, or 200 where that is taken, too.
    case status(ClosedRange<Int>, takes200: Bool)
    /// The part of requests that fail, by the names of the countdowns.
    case rates
}

extension RingSimulatorSwitches {
    /// The names and kinds of all switches.
    static var kinds: [(name: String, kind: SwitchKind)] {
        let standard = Self()
        return standard.flags.map { ($0.name, .flag) } + standard.choices.map { ($0.name, .choice($0.words)) }
            + Failure.allCases.map { ($0.rawValue, .countdown) } + Limit.allCases.map { ($0.rawValue, .limit) }
            + Status.allCases.map { ($0.rawValue, .status($0.allowed.range, takes200: $0.allowed.takes200)) }
            + [(Self.ratesName, .rates)]
    }
}

extension RingSimulatorSwitches.Status {
    /// The statuses that the switch takes, and whether 200 is one of them, too.
    fileprivate var allowed: (range: ClosedRange<Int>, takes200: Bool) {
        switch self {
        case .sessionDeleted, .chimePlayed, .integrationDeleted: (200...299, false)
        case .subscriptions: (400...599, true)
        case .gateway: (500...599, false)
        case .usersMeUnauthorized, .removedDevice, .removedIntegration, .offerDirection, .incompleteOffer:
            (400...599, false)
        }
    }

    fileprivate func checked(_ value: JSONAPIValue) throws(RingSimulatorError) -> Int {
        let status = try value.neededCount()
        let (range, takes200) = self.allowed
        guard range.contains(status) || takes200 && status == 200 else {
            throw .invalid(
                value, "\(takes200 ? "200 or " : "")a status from \(range.lowerBound) to \(range.upperBound) is needed")
        }
        return status
    }
}
