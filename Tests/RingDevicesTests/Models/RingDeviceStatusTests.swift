import Foundation
import RingCore
import RingDevices
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingDeviceStatusTests {
    private func status(_ attributes: String, _ observer: any RingObserver = RingSilentObserver()) async throws
        -> RingDeviceStatus
    {
        let body = #"{"data":{"type":"device-status","id":"s","attributes":{\#(attributes)}}}"#
        return try await Fixture.client([.json(body)], observer: observer).client.status(of: "d")
    }

    @Test func readsADocumentedCamera() async throws {
        let status = try await Fixture.client("device-status.documented").client.status(of: "d")
        #expect(status.isOnline == true)
        #expect(status.reportedAt == Date(timeIntervalSince1970: 1_795_000_155))
        #expect(!status.hasNeverReported)
        #expect(status.attributes?.member("state")?.isNull == true && status.battery == nil && status.contact == nil)
        #expect(status.snooze == RingSnooze())
        #expect(status.raw?["id"]?.string == "ava1.ring.device.status.S1")
    }

    @Test func anEmptyStatusSaysNothing() async throws {
        let status = try await Fixture.client("device-status.sparse").client.status(of: "d")
        #expect(status == RingDeviceStatus(raw: status.raw))
        #expect(status.isOnline == nil)
    }

    @Test func readsASensor() async throws {
        let status = try await Fixture.client("device-status.sensor").client.status(of: "d")
        #expect(status.flood?.isTriggered == false)
        #expect(status.freeze?.isTriggered == true)
        #expect(status.tamper?.isTriggered == false)
        #expect(status.reportingState == "active")
        #expect(status.signalStrength == .good)
        #expect(status.battery == RingBattery(percentage: 88))
        #expect(status.reportedAt == Date(timeIntervalSince1970: 1_794_999_908.213))
    }

    @Test func readsTheSentinelsForNeverAndForMains() async throws {
        let status = try await Fixture.client("device-status.climate").client.status(of: "d")
        #expect(status.hasNeverReported && status.reportedAt == nil)
        #expect(status.battery == RingBattery(isOnMains: true))
        #expect(RingDevice(id: "d", status: status).reachability.state == .neverReported)
        #expect(RingDevice(id: "d", status: status).powerSource == .mains)
    }

    @Test func readsReadingsInEveryForm() async throws {
        let status = try await Fixture.client("device-status.climate").client.status(of: "d")
        let celsius = try #require(status.reading(.temperature)?.celsius)
        #expect(abs(celsius - 22) < 0.001)
        #expect(status.reading(.humidity)?.percent == 41)
        #expect(status.reading(.carbonMonoxide)?.value == 3)
        #expect(status.reading(.carbonMonoxide)?.assumedUnit == .partsPerMillion)
        #expect(status.reading(.fineDust)?.value == 12.5)
        #expect(status.reading(.fineDust)?.assumedUnit?.symbol == "µg/m³")
        #expect(status.reading(RingReadingKind(rawValue: "noise")).map { [$0.value] } == [33])
        #expect(status.reading(RingReadingKind(rawValue: "noise"))?.unit?.symbol == "dB")
    }

    @Test func nullsAndAbsencesAreAlike() async throws {
        let names = [
            "online", "reported_at", "state", "audio", "contact_detection", "flood_detection", "freeze_detection",
            "tamper_detection", "sensor_reporting_state", "battery_status", "signal_strength", "temperature",
            "anything",
        ]
        let observer = RecordingObserver()
        var status = try await self.status(names.map { #""\#($0)":null"# }.joined(separator: ","), observer)
        status.raw = nil
        #expect(status == RingDeviceStatus())
        #expect(observer.events(RingDocumentProblem.self).isEmpty)
    }

    @Test(
        arguments: [
            (#""battery_status":{"percentage":88.0}"#, 88), (#""battery_status":{"percentage":"88"}"#, 88),
            (#""battery_status":88"#, 88), (#""battery_status":{"percentage":101}"#, nil),
            (#""battery_status":{"percentage":-1}"#, nil), (#""battery_status":{"percentage":1e99}"#, nil),
            (#""battery_status":{"percentage":99999999999999999999}"#, nil),
            (#""battery_status":{"percentage":{}}"#, nil),
        ] as [(String, Int?)])
    func readsBatteriesAndNeverTraps(attributes: String, percentage: Int?) async throws {
        #expect(try await self.status(attributes).battery?.percentage == percentage)
    }

    @Test(
        arguments: [
            (#""2026-11-18T11:10:00Z""#, 1_795_000_200), ("1795000200000", 1_795_000_200),
            (#""1795000200000""#, 1_795_000_200), ("1e300", nil), (#""soon""#, nil), ("[]", nil), ("null", nil),
        ] as [(String, Double?)])
    func aSnoozeEndsAtATimeInEitherForm(until: String, seconds: Double?) async throws {
        let status = try await self.status(#""audio":{"snooze":{"active":true,"until":\#(until)}}"#)
        #expect(status.snooze?.isActive == true)
        #expect(status.snooze?.until == seconds.map { Date(timeIntervalSince1970: $0) })
    }

    @Test func otherDetectionsAreKeptByTheirName() async throws {
        let status = try await self.status(
            #""smoke_detection":{"detected":true},"co_detection_listener":{"faulted":false},"gas_detection":{"faulted":true}"#
        )
        #expect(status.otherDetections[.smoke]?.isTriggered == true)
        #expect(status.otherDetections[.carbonMonoxideAlarm]?.isTriggered == false)
        #expect(status.otherDetections[RingDetectionKind(rawValue: "gas")]?.isTriggered == true)
    }
}
