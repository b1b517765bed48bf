import Browser
import Foundation
import RingCore
import RingSimulator
import Testing

private let folder = ProcessInfo.processInfo.environment["RING_PICTURES"]

/// Makes the pictures of the documentation; run by `Scripts/simulator-pictures.sh`.
@Suite(.enabled(if: folder != nil && Browser.isInstalled), .serialized) struct PagePicturesTests {
    @Test(arguments: [false, true]) func pictures(isDark: Bool) async throws {
        let folder = try #require(folder)
        var configuration = RingSimulatorConfiguration()
        configuration.seed = 4
        configuration.accounts = [
            RingSimulatorAccount(state: .completed),
            RingSimulatorAccount(
                firstName: "Kim", lastName: "Ashford", email: "kim.ashford@example.org",
                devices: [
                    RingSimulatorDevice(kind: .doorbell, name: "Porch"),
                    RingSimulatorDevice(kind: .contact, name: "Gate"),
                ]),
        ]
        let receiver = try await Receiver([200, 200, 200, 503, 503, 200])
        configuration.webhookURL = receiver.url
        let simulator = try await RingSimulator.start(configuration)
        let token = try simulator.grantTokens().access
        for path in ["/v1/users/me", "/v1/devices?include=status,capabilities", "/v1/devices/nobody/status"] {
            _ = try await send("GET", simulator.apiURL + path, token: token)
        }
        for (type, device) in [
            ("device_online", "Front Door"), ("button_press", "Front Door"), ("flood_detected", "Cellar"),
            ("motion_detected", "Garden"), ("motion_detected", "Front Door"),
        ] {
            try simulator.trigger(
                RingSimulatorEvent(
                    type: type, device: RingDeviceID(rawValue: device),
                    subType: type == "motion_detected" ? "human" : nil))
            await simulator.settle()
            simulator.advance(by: .seconds(7))
            await simulator.settle()
        }
        let device = segment(simulator.id(.doorbell).rawValue)
        let pages = [
            ("devices", "/"), ("device", "/ui/device?id=\(device)"), ("deliveries", "/ui/deliveries"),
            ("delivery", "/ui/delivery?n=4"), ("requests", "/ui/requests"), ("faults", "/ui/switches"),
        ]
        try await Browser.run(.init(width: 1180, height: 820, isDark: isDark)) { browser in
            for (name, path) in pages {
                try await browser.open(simulator.controlURL + path)
                try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
                try await browser.wait(until: "[...document.images].every((image) => image.complete)")
                let file = "\(folder)/simulator-\(name)\(isDark ? "-dark" : "").png"
                try Data(try await browser.screenshot()).write(to: URL(fileURLWithPath: file))
            }
        }
        await simulator.stop()
        await receiver.stop()
    }
}
