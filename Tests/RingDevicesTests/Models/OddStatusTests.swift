import Foundation
import RingCore
import RingDevices
import RingTesting
import Testing

/// What each member of a status becomes when it is missing, `null`, in another form than documented, or unknown; and what the
/// observer is told.
@Suite struct OddStatusTests {
    struct Odd: Sendable, CustomTestStringConvertible {
        var attributes: String
        var expected: String
        var notes: [String] = []
        var testDescription: String { self.attributes }
    }

    private func check(_ odd: Odd, _ read: (RingDeviceStatus) -> String?) async throws {
        let observer = RecordingObserver()
        let body = #"{"data":{"type":"device-status","id":"s","attributes":{\#(odd.attributes)}}}"#
        let status = try await Fixture.client([.json(body)], observer: observer).client.status(of: "d")
        #expect(read(status) ?? "nil" == odd.expected)
        #expect(observer.events(RingDocumentProblem.self).map { "\($0.kind) \($0.path)" } == odd.notes)
    }

    @Test(arguments: [
        Odd(attributes: #""online":true"#, expected: "true"), Odd(attributes: #""online":false"#, expected: "false"),
        Odd(attributes: #""online":null"#, expected: "nil"), Odd(attributes: "", expected: "nil"),
        Odd(attributes: #""online":"on""#, expected: "true", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":"true""#, expected: "true", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":"off""#, expected: "false", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":"false""#, expected: "false", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":"sleeping""#, expected: "nil", notes: ["unknown_value device-status.online"]),
        Odd(attributes: #""online":1"#, expected: "nil", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":{}"#, expected: "nil", notes: ["changed_form device-status.online"]),
        Odd(attributes: #""online":[true]"#, expected: "nil", notes: ["changed_form device-status.online"]),
        Odd(
            attributes: #""online":false,"\u006fnline":true"#, expected: "true",
            notes: ["repeated_member /data/attributes/online"]),
    ])
    func online(odd: Odd) async throws {
        try await self.check(odd) { $0.isOnline.map { "\($0)" } }
    }

    @Test(arguments: [
        Odd(attributes: #""reported_at":"2026-11-18T11:10:00Z""#, expected: "1795000200.0"),
        Odd(attributes: #""reported_at":"2026-11-18T11:10:00.123456789Z""#, expected: "1795000200.123"),
        Odd(attributes: #""reported_at":"2026-11-18T12:10:00+01:00""#, expected: "1795000200.0"),
        Odd(attributes: #""reported_at":"1970-01-01T00:00:00Z""#, expected: "never"),
        Odd(attributes: #""reported_at":null"#, expected: "nil"), Odd(attributes: "", expected: "nil"),
        Odd(
            attributes: #""reported_at":1795000200000"#, expected: "1795000200.0",
            notes: ["changed_form device-status.reported_at"]),
        Odd(
            attributes: #""reported_at":"1795000200""#, expected: "1795000200.0",
            notes: ["changed_form device-status.reported_at"]),
        Odd(attributes: #""reported_at":0"#, expected: "never", notes: ["changed_form device-status.reported_at"]),
        Odd(
            attributes: #""reported_at":"yesterday""#, expected: "nil",
            notes: ["changed_form device-status.reported_at"]),
        Odd(attributes: #""reported_at":1e300"#, expected: "nil", notes: ["changed_form device-status.reported_at"]),
        Odd(attributes: #""reported_at":true"#, expected: "nil", notes: ["changed_form device-status.reported_at"]),
        Odd(
            attributes: #""reported_at":"2026-02-30T00:00:00Z""#, expected: "nil",
            notes: ["changed_form device-status.reported_at"]),
    ])
    func reportedAt(odd: Odd) async throws {
        try await self.check(odd) { status in
            if status.hasNeverReported { return status.reportedAt == nil ? "never" : "contradiction" }
            return status.reportedAt.map { "\(($0.timeIntervalSince1970 * 1000).rounded() / 1000)" }
        }
    }

    @Test(arguments: [
        Odd(attributes: #""battery_status":{"percentage":0}"#, expected: "0"),
        Odd(attributes: #""battery_status":{"percentage":100}"#, expected: "100"),
        Odd(attributes: #""battery_status":{"percentage":255}"#, expected: "mains"),
        Odd(attributes: #""battery_status":null"#, expected: "nil"),
        Odd(attributes: #""battery_status":{}"#, expected: "empty"),
        Odd(attributes: #""battery_status":{"percentage":null}"#, expected: "empty"),
        Odd(
            attributes: #""battery_status":255"#, expected: "mains",
            notes: ["changed_form device-status.battery_status"]),
        Odd(
            attributes: #""battery_status":{"percentage":"255"}"#, expected: "mains",
            notes: ["changed_form device-status.battery_status.percentage"]),
        Odd(
            attributes: #""battery_status":{"percentage":47.6}"#, expected: "48",
            notes: ["changed_form device-status.battery_status.percentage"]),
        Odd(
            attributes: #""battery_status":{"percentage":254}"#, expected: "empty",
            notes: ["unknown_value device-status.battery_status.percentage"]),
        Odd(
            attributes: #""battery_status":{"percentage":"full"}"#, expected: "empty",
            notes: ["changed_form device-status.battery_status.percentage"]),
        Odd(
            attributes: #""battery_status":{"percentage":50,"level":"low"}"#, expected: "50",
            notes: ["unknown_member device-status.battery_status.level"]),
    ])
    func battery(odd: Odd) async throws {
        try await self.check(odd) { status in
            guard let battery = status.battery else { return nil }
            return battery.isOnMains ? "mains" : battery.percentage.map { "\($0)" } ?? "empty"
        }
    }

    @Test(arguments: [
        Odd(attributes: #""contact_detection":{"faulted":true}"#, expected: "true"),
        Odd(attributes: #""contact_detection":{"detected":false}"#, expected: "false"),
        Odd(attributes: #""contact_detection":{"faulted":null}"#, expected: "unknown"),
        Odd(attributes: #""contact_detection":{"faulted":null,"detected":true}"#, expected: "true"),
        Odd(attributes: #""contact_detection":{}"#, expected: "unknown"),
        Odd(attributes: #""contact_detection":null"#, expected: "nil"),
        Odd(
            attributes: #""contact_detection":true"#, expected: "true",
            notes: ["changed_form device-status.contact_detection"]),
        Odd(
            attributes: #""contact_detection":"open""#, expected: "unknown",
            notes: ["changed_form device-status.contact_detection"]),
        Odd(
            attributes: #""contact_detection":{"faulted":"on"}"#, expected: "true",
            notes: ["changed_form device-status.contact_detection"]),
        Odd(
            attributes: #""contact_detection":{"faulted":true,"since":7}"#, expected: "true",
            notes: ["unknown_member device-status.contact_detection.since"]),
    ])
    func detection(odd: Odd) async throws {
        try await self.check(odd) { status in
            status.contact.map { detection in detection.isTriggered.map { "\($0)" } ?? "unknown" }
        }
    }

    @Test(arguments: [
        Odd(attributes: #""signal_strength":{"value":"good"}"#, expected: "good"),
        Odd(attributes: #""signal_strength":"poor""#, expected: "poor"),
        Odd(
            attributes: #""signal_strength":{"value":"excellent"}"#, expected: "excellent",
            notes: ["unknown_value device-status.signal_strength.value"]),
        Odd(
            attributes: #""signal_strength":{"value":-60}"#, expected: "nil",
            notes: ["changed_form device-status.signal_strength.value"]),
        Odd(attributes: #""signal_strength":{"value":null}"#, expected: "nil"),
        Odd(
            attributes: #""signal_strength":{}"#, expected: "nil",
            notes: ["changed_form device-status.signal_strength.value"]),
        Odd(attributes: #""signal_strength":null"#, expected: "nil"),
    ])
    func signalStrength(odd: Odd) async throws {
        try await self.check(odd) { $0.signalStrength?.rawValue }
    }

    @Test(arguments: [
        Odd(attributes: #""sensor_reporting_state":{"value":"active"}"#, expected: "active"),
        Odd(attributes: #""sensor_reporting_state":"active""#, expected: "active"),
        Odd(
            attributes: #""sensor_reporting_state":{"value":"paused"}"#, expected: "paused",
            notes: ["unknown_value device-status.sensor_reporting_state.value"]),
        Odd(
            attributes: #""sensor_reporting_state":false"#, expected: "nil",
            notes: ["changed_form device-status.sensor_reporting_state.value"]),
    ])
    func reportingState(odd: Odd) async throws {
        try await self.check(odd) { $0.reportingState }
    }

    @Test(arguments: [
        Odd(attributes: #""audio":{"snooze":{"active":true}}"#, expected: "true"),
        Odd(attributes: #""audio":{"snooze":{"active":null,"until":null}}"#, expected: "unknown"),
        Odd(attributes: #""audio":{"snooze":null}"#, expected: "nil"),
        Odd(attributes: #""audio":{}"#, expected: "nil"), Odd(attributes: #""audio":null"#, expected: "nil"),
        Odd(attributes: #""audio":"quiet""#, expected: "nil", notes: ["changed_form device-status.audio"]),
        Odd(
            attributes: #""audio":{"volume":3}"#, expected: "nil", notes: ["unknown_member device-status.audio.volume"]),
        Odd(
            attributes: #""audio":{"snooze":{"active":"off"}}"#, expected: "false",
            notes: ["changed_form device-status.audio.snooze.active"]),
        Odd(
            attributes: #""audio":{"snooze":{"active":true,"by":"app"}}"#, expected: "true",
            notes: ["unknown_member device-status.audio.snooze.by"]),
    ])
    func snooze(odd: Odd) async throws {
        try await self.check(odd) { status in
            status.snooze.map { snooze in snooze.isActive.map { "\($0)" } ?? "unknown" }
        }
    }

    @Test(arguments: [
        Odd(attributes: #""temperature":21.5"#, expected: "temperature 21.5"),
        Odd(attributes: #""temperature":"21.5""#, expected: "temperature 21.5"),
        Odd(attributes: #""temperature":{"value":"21.5","unit":"celsius"}"#, expected: "temperature 21.5 celsius"),
        Odd(attributes: #""humidity":{"value":40,"unit":7}"#, expected: "humidity 40.0"),
        Odd(
            attributes: #""temperature":"warm""#, expected: "nil", notes: ["unknown_member device-status.temperature"]),
        Odd(
            attributes: #""temperature":{"value":null}"#, expected: "nil",
            notes: ["unknown_member device-status.temperature"]),
        Odd(attributes: #""temperature":null"#, expected: "nil"),
        // A number in a string is only a reading under a name that is expected.
        Odd(attributes: #""serial":"12345""#, expected: "nil", notes: ["unknown_member device-status.serial"]),
        Odd(attributes: #""lux":120"#, expected: "lux 120.0", notes: ["unknown_member device-status.lux"]),
        Odd(attributes: #""lux":true"#, expected: "nil", notes: ["unknown_member device-status.lux"]),
        Odd(attributes: #""co":1e400"#, expected: "nil", notes: ["unknown_member device-status.co"]),
    ])
    func reading(odd: Odd) async throws {
        try await self.check(odd) { status in
            status.readings.first.map { "\($0.kind.rawValue) \($0.value)\($0.unit.map { " \($0.rawValue)" } ?? "")" }
        }
    }

    @Test(arguments: ["7", "[]", #""online""#, "true"])
    func attributesThatAreNoObjectAreReportedAndReadAsNone(attributes: String) async throws {
        let observer = RecordingObserver()
        let body = #"{"data":{"type":"device-status","id":"s","attributes":\#(attributes)}}"#
        var status = try await Fixture.client([.json(body)], observer: observer).client.status(of: "d")
        status.raw = nil
        #expect(status == RingDeviceStatus())
        #expect(observer.events(RingDocumentProblem.self).map(\.kind) == ["changed_form"])
    }

    @Test(
        arguments: [
            (RingReadingUnit(rawValue: "°F"), 71.6, 22.0), (.celsius, -3, -3),
            (RingReadingUnit(rawValue: "K"), 273.15, 0),
            (RingReadingUnit(rawValue: "degrees_fahrenheit"), 32, 0), (nil, 20, 20), (.percent, 20, nil),
            (RingReadingUnit(rawValue: "rankine"), 500, nil),
        ] as [(RingReadingUnit?, Double, Double?)])
    func temperaturesBecomeCelsiusByTheirUnit(unit: RingReadingUnit?, value: Double, celsius: Double?) {
        let reading = RingReading(kind: .temperature, value: value, unit: unit)
        #expect(reading.celsius.map { ($0 * 100).rounded() / 100 } == celsius)
    }
}
