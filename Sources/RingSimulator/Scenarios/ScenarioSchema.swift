package import RingJSONAPI

/// The JSON Schema of scenario files, made from the members that the reader knows: each `switch` below names all of them.
package enum ScenarioSchema {
    /// A document of JSON Schema, draft 2020-12.
    package static var document: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "Scenario of the Ring simulator"), ("type", "object"), ("additionalProperties", false),
        ]
        let properties = RingSimulatorConfiguration.Member.allCases.map { ($0.rawValue, Self.member($0)) }
        members.append(("properties", .object(properties)))
        members.append(
            (
                "$defs",
                [
                    "switches": Self.switches, "rates": Self.rates, "account": Self.account, "device": Self.device,
                    "zone": Self.zone, "event": Self.event, "step": Self.step, "accountReference": Self.reference([]),
                    "accountState": Self.reference(["state"]),
                ]
            ))
        return .object(members)
    }

    private static func member(_ member: RingSimulatorConfiguration.Member) -> JSONAPILiteral {
        switch member {
        case .schema, .description, .webhookURL, .tokenExchangeURL, .accountLinkURL, .redirectURI: Self.string
        case .seed: ["type": "integer"]
        case .port: Self.count()
        case .speed: ["type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000]
        case .client:
            Self.object(RingSimulatorConfiguration.ClientMember.allCases.map { ($0.rawValue, Self.string) })
        case .shortIDs: ["type": "boolean"]
        case .backDatedMilliseconds: Self.count(upTo: RingSimulatorConfiguration.maximumBackDating)
        case .switches: Self.reference(to: "switches")
        case .rates: Self.reference(to: "rates")
        case .accounts:
            [
                "oneOf": [
                    Self.list(of: "account"),
                    Self.object(
                        RingSimulatorAccount.ListMember.allCases.map { member in
                            switch member {
                            case .count: (member.rawValue, Self.count(upTo: RingSimulatorAccount.maximumCount))
                            case .each: (member.rawValue, Self.reference(to: "account"))
                            }
                        }, required: ["count"]),
                ]
            ]
        case .events: Self.list(of: "event")
        case .steps: Self.list(of: "step")
        }
    }

    private static var switches: JSONAPILiteral {
        Self.object(
            RingSimulatorSwitches.kinds.map { name, kind in
                switch kind {
                case .flag: (name, ["type": "boolean"])
                case .choice(let words): (name, Self.words(words))
                case .countdown, .limit: (name, Self.count())
                case .status(let range, let takes200): (name, Self.status(range, takes200))
                case .rates: (name, Self.reference(to: "rates"))
                }
            })
    }

    static var rates: JSONAPILiteral {
        Self.object(
            RingSimulatorSwitches.Failure.allCases.map {
                ($0.rawValue, ["type": "number", "minimum": 0, "maximum": 1])
            })
    }

    private static var account: JSONAPILiteral {
        Self.object(
            RingSimulatorAccount.Member.allCases.map { member in
                switch member {
                case .id, .email, .firstName, .lastName: (member.rawValue, Self.string)
                case .phoneNumber: (member.rawValue, ["type": ["string", "null"]])
                case .state:
                    (member.rawValue, Self.words(RingSimulatorAccount.State.allCases.map(\.rawValue)))
                case .subscriptions: (member.rawValue, Self.count())
                case .devices: (member.rawValue, Self.list(of: "device"))
                }
            })
    }

    private static var device: JSONAPILiteral {
        Self.object(
            RingSimulatorDevice.Member.allCases.map { member in
                switch member {
                case .id, .name: (member.rawValue, Self.string)
                case .kind: (member.rawValue, Self.words(RingSimulatorDevice.Kind.allCases.map(\.rawValue)))
                case .online, .linePowered: (member.rawValue, ["type": "boolean"])
                case .motionZones, .privacyZones: (member.rawValue, Self.list(of: "zone"))
                }
            }, required: ["kind"])
    }

    private static var zone: JSONAPILiteral {
        let number: JSONAPILiteral = ["type": "number", "minimum": 0, "maximum": 1]
        let point = Self.object(
            RingSimulatorDevice.Zone.PointMember.allCases.map { ($0.rawValue, number) }, required: ["x", "y"])
        let counts = RingSimulatorDevice.Zone.vertexCounts
        return Self.object(
            RingSimulatorDevice.Zone.Member.allCases.map { member in
                switch member {
                case .id: (member.rawValue, Self.string)
                case .vertices:
                    (
                        member.rawValue,
                        [
                            "type": "array", "items": point, "minItems": .int(Int64(counts.lowerBound)),
                            "maxItems": .int(Int64(counts.upperBound)),
                        ]
                    )
                }
            }, required: ["vertices"])
    }

    private static var event: JSONAPILiteral {
        Self.object(
            RingSimulatorEvent.Member.allCases.map { member in
                switch member {
                case .type: (member.rawValue, ["type": "string", "minLength": 1])
                case .device, .account, .subType: (member.rawValue, Self.string)
                case .componentIDs: (member.rawValue, ["type": "array", "items": Self.string])
                case .recordingMilliseconds, .afterMilliseconds: (member.rawValue, Self.count())
                }
            }, required: ["type"])
    }

    private static var step: JSONAPILiteral {
        let properties = ScenarioStep.Member.allCases.map { member -> (String, JSONAPILiteral) in
            switch member {
            case .event: (member.rawValue, Self.reference(to: "event"))
            case .switches: (member.rawValue, Self.reference(to: "switches"))
            case .unlink: (member.rawValue, Self.reference(to: "accountReference"))
            case .state: (member.rawValue, Self.reference(to: "accountState"))
            case .count: (member.rawValue, Self.count(upTo: ScenarioStep.maximumCount))
            case .afterMilliseconds, .everyMilliseconds: (member.rawValue, Self.count())
            case .eachAccount: (member.rawValue, ["type": "boolean"])
            }
        }
        guard case .object(let members) = Self.object(properties) else { return nil }
        let actions = ["event", "switches", "unlink", "state"].map { name -> JSONAPILiteral in
            ["required": [.string(name)]]
        }
        return .object(members + [("oneOf", .array(actions))])
    }

    private static func reference(_ required: [String]) -> JSONAPILiteral {
        Self.object(
            ScenarioStep.AccountMember.allCases.compactMap { member in
                switch member {
                case .account: (member.rawValue, Self.string)
                case .state:
                    required.isEmpty
                        ? nil : (member.rawValue, Self.words(RingSimulatorAccount.State.allCases.map(\.rawValue)))
                }
            }, required: required)
    }

    // MARK: Kinds of values

    private static let string: JSONAPILiteral = ["type": "string"]

    private static func count(upTo maximum: Int = 1_000_000_000) -> JSONAPILiteral {
        ["type": "integer", "minimum": 0, "maximum": .int(Int64(maximum))]
    }

    private static func status(_ range: ClosedRange<Int>, _ takes200: Bool) -> JSONAPILiteral {
        let failure: JSONAPILiteral = [
            "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
        ]
        return takes200 ? ["oneOf": [["enum": [200]], failure]] : failure
    }

    private static func words(_ words: [String]) -> JSONAPILiteral { ["enum": .array(words.map { .string($0) })] }

    private static func reference(to name: String) -> JSONAPILiteral { ["$ref": .string("#/$defs/\(name)")] }

    private static func list(of name: String) -> JSONAPILiteral {
        ["type": "array", "items": Self.reference(to: name)]
    }

    private static func object(_ properties: [(String, JSONAPILiteral)], required: [String] = []) -> JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("type", "object"), ("additionalProperties", false), ("properties", .object(properties)),
        ]
        if !required.isEmpty { members.append(("required", .array(required.map { .string($0) }))) }
        return .object(members)
    }
}
