internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The switches: disputed behaviours and failures to rehearse.
extension ControlAPI {
    static let switchRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/switches", "getSwitches", "All switches with their present values",
            replies: [.init(200, "The values by their names", "Switches")]
        ) { _, simulator in .json(200, simulator.switches.literal) },
        ControlRoute(
            "PATCH", "/switches", "setSwitches", "Changes the switches that are named; a mistake changes none",
            body: "Switches",
            replies: [.init(200, "All switches", "Switches"), .init(400, "A name or a value is wrong", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            let switches = try Self.step(simulator, in: "switches") { state throws(RingSimulatorError) in
                var switches = state.switches
                try switches.apply(request.body)
                state.switches = switches
                return switches
            }
            return .json(200, switches.literal)
        },
        ControlRoute(
            "POST", "/switches/reset", "resetSwitches", "Sets all switches to their defaults",
            replies: [.init(200, "All switches", "Switches")]
        ) { _, simulator in
            simulator.switches = RingSimulatorSwitches()
            return .json(200, simulator.switches.literal)
        },
        ControlRoute(
            "GET", "/switches/descriptions", "describeSwitches",
            "Each switch with its meaning, its default, its present value and what it takes",
            replies: [.init(200, "The switches", "SwitchDescriptions")]
        ) { _, simulator in
            .json(200, ["switches": .array(Self.descriptions(of: simulator.switches).map(\.literal))])
        },
    ]

    /// One switch, for people.
    struct SwitchDescription: Sendable {
        var name: String
        var kind: SwitchKind
        var meaning: String
        var value: JSONAPILiteral
        var standard: JSONAPILiteral

        /// Whether it differs from its default.
        var isChanged: Bool { self.value != self.standard }

        /// What it takes, as a JSON Schema.
        var schema: JSONAPILiteral {
            switch self.kind {
            case .flag: ["type": "boolean"]
            case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
            case .countdown, .limit: ["type": "integer", "minimum": 0, "maximum": 1_000_000_000]
            case .status(let range, let takes200):
                takes200
                    ? ["type": "integer", "anyOf": [["const": 200], Self.schema(range)]] : Self.schema(range)
            case .rates: ScenarioSchema.rates
            }
        }

        private static func schema(_ range: ClosedRange<Int>) -> JSONAPILiteral {
            [
                "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
            ]
        }

        private var kindName: String {
            switch self.kind {
            case .flag: "flag"
            case .choice: "choice"
            case .countdown: "countdown"
            case .limit: "limit"
            case .status: "status"
            case .rates: "rates"
            }
        }

        var literal: JSONAPILiteral {
            [
                "name": .string(self.name), "kind": .string(self.kindName), "description": .string(self.meaning),
                "value": self.value, "default": self.standard, "schema": self.schema,
            ]
        }
    }

    /// All switches, for people.
    static func descriptions(of switches: RingSimulatorSwitches) -> [SwitchDescription] {
        let (values, standards) = (Self.members(switches.literal), Self.members(RingSimulatorSwitches().literal))
        return RingSimulatorSwitches.kinds.map { name, kind in
            SwitchDescription(
                name: name, kind: kind, meaning: SwitchMeanings.all[name] ?? "", value: values[name] ?? nil,
                standard: standards[name] ?? nil)
        }
    }

    private static func members(_ literal: JSONAPILiteral) -> [String: JSONAPILiteral] {
        guard case .object(let members) = literal else { return [:] }
        return Dictionary(members, uniquingKeysWith: { first, _ in first })
    }
}
