import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folder Scenarios of this package.
private enum ScenarioFolder {
    static let path = String(#filePath.prefix(while: { _ in true })).replacing(
        "/Tests/RingSimulatorTests/ScenarioFileTests.swift", with: "/Scenarios")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.path)/\(name)")))
    }

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Self.path).filter {
                $0.hasSuffix(".json") && $0 != "scenario.schema.json"
            }.map { String($0.dropLast(5)) }.sorted()
        }
    }
}

@Suite struct ScenarioFileTests {
    /// After a change of a file, run `Scripts/simulator-scenarios.py`.
    @Test func theProgramHoldsTheFilesOfTheFolder() throws {
        let names = try ScenarioFolder.names
        #expect(names == RingSimulatorConfiguration.scenarioNames)
        #expect(names == ["delivery", "flapping", "flood", "monday-morning", "token-outage", "unlink"])
        for name in names {
            let file = try JSONAPIValue(parsing: try ScenarioFolder.bytes("\(name).json"))
            #expect(try JSONAPIValue(parsing: RingSimulatorConfiguration.scenarioText(named: name) ?? "") == file)
        }
    }

    /// After a change of the members, run `ringctl simulator --schema | python3 -m json.tool > Scenarios/scenario.schema.json`.
    @Test func theSchemaOfTheFolderIsThatOfTheReader() throws {
        let file = try JSONAPIValue(parsing: try ScenarioFolder.bytes("scenario.schema.json"))
        #expect(file == (try JSONAPIValue(parsing: ScenarioSchema.document.bytes)))
    }

    @Test func everyFileIsReadAndIsValid() throws {
        let schema = try JSONAPIValue(parsing: ScenarioSchema.document.bytes)
        for name in try ScenarioFolder.names {
            let bytes = try ScenarioFolder.bytes("\(name).json")
            _ = try RingSimulatorConfiguration(scenario: bytes)
            #expect(SchemaCheck(root: schema).faults(try JSONAPIValue(parsing: bytes), schema) == [], "\(name)")
        }
    }

    /// What the schema refuses, the reader refuses, and what it accepts, the reader accepts.
    @Test(arguments: [
        (#"{}"#, true), (#"{"sede":1}"#, false), (#"{"seed":"1"}"#, false), (#"{"speed":0}"#, false),
        (#"{"speed":2.5}"#, true), (#"{"accounts":[]}"#, true), (#"{"accounts":7}"#, false),
        (#"{"accounts":{"count":3}}"#, true), (#"{"accounts":{}}"#, false), (#"{"accounts":{"count":-1}}"#, false),
        (#"{"accounts":{"count":1,"each":{"state":"done"}}}"#, false), (#"{"accounts":{"count":1,"of":{}}}"#, false),
        (#"{"accounts":[{"devices":[{"kind":"camera"}]}]}"#, true), (#"{"accounts":[{"devices":[{}]}]}"#, false),
        (#"{"accounts":[{"devices":[{"kind":"camera","motion_zones":[]}]}]}"#, true),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","motion_zones":[{"vertices":[{"x":0,"y":0}]}]}]}]}"#, false
        ),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","privacy_zones":[{"vertices":[{"x":0,"y":0},{"x":1,"y":0},"#
                + #"{"x":1,"y":1}]}]}]}]}"#, true
        ),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","privacy_zones":[{"vertices":[{"x":0,"y":0},{"x":1,"y":0},"#
                + #"{"x":1.5,"y":1}]}]}]}]}"#, false
        ),
        (#"{"rates":{"token_failures":0.05}}"#, true), (#"{"rates":{"token_failures":1.5}}"#, false),
        (#"{"rates":{"token_failure":0.5}}"#, false), (#"{"switches":{"rates":{"api_failures":1}}}"#, true),
        (#"{"switches":{"media_body":"text"}}"#, false), (#"{"switches":{"chime_status":404}}"#, false),
        (#"{"steps":[{"event":{"type":"x"}}]}"#, true), (#"{"steps":[{}]}"#, false),
        (#"{"steps":[{"event":{"type":"x"},"unlink":{}}]}"#, false), (#"{"steps":[{"state":{}}]}"#, false),
        (#"{"steps":[{"unlink":{"state":"removed"}}]}"#, false), (#"{"steps":[{"unlink":{}}]}"#, true),
        (#"{"steps":[{"switches":{"media_cuts":-1}}]}"#, false), (#"{"steps":[{"switches":{"media_cuts":1}}]}"#, true),
        (#"{"steps":[{"state":{"state":"awaiting"},"count":2,"every_ms":5}]}"#, true),
        (#"{"back_dated_ms":1000}"#, true), (#"{"back_dated_ms":99999999999999}"#, false),
        (#"{"events":[{"type":""}]}"#, false), (#"{"events":[{"type":"x","after_ms":1.5}]}"#, false),
    ])
    func schemaAndReaderAgree(text: String, isValid: Bool) throws {
        let schema = try JSONAPIValue(parsing: ScenarioSchema.document.bytes)
        let faults = SchemaCheck(root: schema).faults(try JSONAPIValue(parsing: text), schema)
        #expect(faults.isEmpty == isValid, "\(faults)")
        let isRead = (try? RingSimulatorConfiguration(scenario: Array(text.utf8))) != nil
        #expect(isRead == isValid)
    }

    /// Every member of the schema is one that the reader knows: it is refused for its value, never for its name.
    @Test func everyMemberOfTheSchemaIsRead() throws {
        let schema = try JSONAPIValue(parsing: ScenarioSchema.document.bytes)
        let places = [
            ("", #"{"*":{"?":0}}"#), ("rates", #"{"rates":{"*":{"?":0}}}"#),
            ("switches", #"{"switches":{"*":{"?":0}}}"#),
            ("account", #"{"accounts":[{"*":{"?":0}}]}"#), ("event", #"{"events":[{"*":{"?":0}}]}"#),
            ("device", #"{"accounts":[{"devices":[{"*":{"?":0}}]}]}"#), ("step", #"{"steps":[{"*":{"?":0}}]}"#),
            ("zone", #"{"accounts":[{"devices":[{"motion_zones":[{"*":{"?":0}}]}]}]}"#),
        ]
        var count = 0
        for (definition, text) in places {
            let part = definition.isEmpty ? schema : schema["$defs"]?[definition]
            for (name, _) in part?["properties"]?.members ?? [] {
                count += 1
                #expect {
                    try RingSimulatorConfiguration(scenario: Array(text.replacing("*", with: name).utf8))
                } throws: { error in
                    !"\(error)".contains("/\(name): unknown member")
                }
            }
        }
        #expect(count > 100)
    }

    @Test func aNameThatIsNoScenarioIsAnError() {
        #expect { try RingSimulatorConfiguration(scenarioNamed: "deliveries") } throws: {
            "\($0)".contains("no scenario is named deliveries; use delivery, flapping")
        }
    }
}

/// As much of JSON Schema as the schema of scenarios has; a keyword that is not here is a fault.
struct SchemaCheck {
    let root: JSONAPIValue

    func faults(_ value: JSONAPIValue, _ schema: JSONAPIValue) -> [String] {
        var faults: [String] = []
        func expect(_ isRight: Bool, _ what: String) { if !isRight { faults.append("\(value.path): \(what)") } }
        for (keyword, rule) in schema.members {
            switch keyword {
            case "$schema", "$defs", "title": break
            case "$ref":
                let name = rule.string?.split(separator: "/").last.map(String.init) ?? ""
                if let part = self.root["$defs"]?[name] { faults += self.faults(value, part) }
            case "type":
                let types = rule.string.map { [$0] } ?? rule.elements.compactMap(\.string)
                let isWhole = value.int64 != nil
                expect(
                    types.contains { type in
                        switch type {
                        case "integer": isWhole
                        case "boolean": value.bool != nil
                        default: value.kind.rawValue == type
                        }
                    }, "type")
            case "enum": expect(rule.elements.contains(value), "enum")
            case "minimum": expect(value.double ?? .infinity >= rule.double ?? 0, "minimum")
            case "exclusiveMinimum": expect(value.double ?? .infinity > rule.double ?? 0, "exclusiveMinimum")
            case "maximum": expect(value.double ?? -.infinity <= rule.double ?? 0, "maximum")
            case "minLength": expect(value.string?.count ?? 0 >= rule.int64 ?? 0, "minLength")
            case "minItems": expect(value.elements.count >= rule.int64 ?? 0, "minItems")
            case "maxItems": expect(value.elements.count <= rule.int64 ?? 0, "maxItems")
            case "items": faults += value.elements.flatMap { self.faults($0, rule) }
            case "required":
                for name in rule.elements.compactMap(\.string) { expect(value[name] != nil, "required \(name)") }
            case "properties":
                for (name, part) in rule.members { if let member = value[name] { faults += self.faults(member, part) } }
            case "additionalProperties":
                for (name, _) in value.members { expect(schema["properties"]?[name] != nil, "unknown \(name)") }
            case "oneOf": expect(rule.elements.count { self.faults(value, $0).isEmpty } == 1, "oneOf")
            default: expect(false, "keyword \(keyword)")
            }
        }
        return faults
    }
}
