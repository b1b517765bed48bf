import RingCore
import RingDevices
import RingTesting
import Testing

@Suite struct RingDeviceMeaningTests {
    private let camera = RingDeviceCapabilities(video: RingVideoCapabilities(codecs: [.avc]))
    private let chime = RingDeviceCapabilities(audioActions: [.chimePlay])

    @Test func nothingIncludedMeansUnknown() {
        let device = RingDevice(id: "d")
        #expect(device.kindFinding() == RingDeviceKindFinding(kind: .unknown, evidence: []))
        #expect(device.reachability == RingReachability(state: .unknown))
        #expect(device.isEncrypted == nil && device.powerSource == .unknown)
        #expect(device.sensibleMediaRequests == [.live, .clip, .still, .chime])
    }

    @Test func aCameraIsADoorbellOnceItHasRung() {
        let device = RingDevice(id: "d", capabilities: self.camera)
        #expect(device.kindFinding() == RingDeviceKindFinding(kind: .camera, evidence: ["capabilities.video.codecs"]))
        #expect(device.kindFinding(hasRung: true).kind == .doorbell)
        #expect(device.kindFinding(hasRung: true).evidence == ["capabilities.video.codecs", "button_press"])
        #expect(RingDevice(id: "d").kindFinding(hasRung: true).kind == .doorbell)
    }

    @Test func sensorsAreKnownByWhatTheyDetectOrMeasure() {
        func kind(_ status: RingDeviceStatus, _ detections: Set<RingDetectionKind> = []) -> RingDeviceKind {
            RingDevice(id: "d", status: status, capabilities: RingDeviceCapabilities(detections: detections)).likelyKind
        }
        let closed = RingDetection(isTriggered: false)
        #expect(kind(RingDeviceStatus(contact: closed)) == .contactSensor)
        #expect(kind(RingDeviceStatus(), [.contact]) == .contactSensor)
        #expect(kind(RingDeviceStatus(freeze: closed), [.tamper]) == .floodFreezeSensor)
        #expect(kind(RingDeviceStatus(readings: [RingReading(kind: .humidity, value: 4)])) == .climateSensor)
        #expect(kind(RingDeviceStatus(readings: [RingReading(kind: .fineDust, value: 4)])) == .airQualityMonitor)
        #expect(kind(RingDeviceStatus(), [.smoke]) == .sensor)
        #expect(kind(RingDeviceStatus(reportingState: "active")) == .sensor)
    }

    @Test func anOfflineCameraStillHasStoredMedia() {
        let device = RingDevice(id: "d", status: RingDeviceStatus(isOnline: false), capabilities: self.camera)
        #expect(device.reachability.state == .offline)
        #expect(device.sensibleMediaRequests == [.clip, .still])
        #expect(device.advice(on: .live).obstacles == [.offline])
    }

    @Test func encryptedMediaIsNotWorthAsking() {
        var device = RingDevice(id: "d", capabilities: self.camera)
        device.configurations = RingDeviceConfigurations(isEncrypted: true)
        #expect(device.sensibleMediaRequests == [])
        #expect(device.advice(on: .clip).obstacles == [.encrypted])
    }

    @Test func aChimePlaysUnlessItIsSnoozed() {
        var device = RingDevice(id: "d", capabilities: self.chime)
        #expect(device.sensibleMediaRequests == [.chime])
        device.status = RingDeviceStatus(isOnline: true, snooze: RingSnooze(isActive: true))
        #expect(device.advice(on: .chime).obstacles == [.snoozed])
    }

    @Test func aDeviceWithLensesNeedsOneNamed() {
        var capabilities = RingDeviceCapabilities()
        capabilities.components = [RingDeviceComponent(id: "1", video: RingVideoCapabilities(codecs: [.hevc]))]
        let device = RingDevice(id: "d", capabilities: capabilities)
        #expect(device.likelyKind == .multiCamera)
        #expect(device.advice(on: .live) == RingMediaAdvice(request: .live, needsComponent: true))
        #expect(!device.advice(on: .chime).needsComponent)
    }

    @Test func thePowerSourceComesFromTheBatteryOrTheCapabilities() {
        func source(_ battery: RingBattery?, hasBattery: Bool? = nil) -> RingPowerSource {
            RingDevice(
                id: "d", status: RingDeviceStatus(battery: battery),
                capabilities: RingDeviceCapabilities(hasBattery: hasBattery)
            ).powerSource
        }
        #expect(source(RingBattery(percentage: 40)) == .battery)
        #expect(source(RingBattery(isOnMains: true), hasBattery: true) == .mains)
        #expect(source(nil, hasBattery: true) == .battery)
        #expect(source(RingBattery(), hasBattery: false) == .unknown)
        #expect(source(nil) == .unknown)
    }
}
