import Browser
import Foundation
import RingCore
import RingSimulator
import Testing

private let folder = ProcessInfo.processInfo.environment["RING_PICTURES"]

/// Makes the pictures of the documentation; run by `Scripts/dashboard-pictures.sh`.
@Suite(.enabled(if: folder != nil && Examples.folder != nil && Browser.isInstalled), .serialized)
struct DashboardPicturesOfDocumentation {
    @Test(arguments: [false, true]) func pictures(isDark: Bool) async throws {
        let folder = try #require(folder)
        let seed: (inout RingSimulatorConfiguration) -> Void = { $0.seed = 4 }
        try await DashboardBench.run(.init(width: 1180, height: 760, isDark: isDark), seed) {
            bench, browser async throws in
            func save(_ name: String) async throws {
                let file = "\(folder)/dashboard-\(name)\(isDark ? "-dark" : "").png"
                try Data(try await browser.screenshot()).write(to: URL(fileURLWithPath: file))
            }
            for (type, device, subType) in [
                ("motion_detected", "Driveway", "vehicle"), ("button_press", "Front Door", nil),
                ("flood_detected", "Cellar", nil), ("motion_detected", "Front Door", "package_delivery"),
                ("motion_detected", "Garden", "human"),
            ] {
                try await bench.trigger(
                    type, at: RingDeviceID(rawValue: device), subType: subType, in: browser)
            }
            bench.simulator.advance(by: .seconds(60))
            try await browser.open(bench.origin + "/")
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            try await browser.wait(
                until: "document.querySelectorAll('.event canvas[data-picture=shown]').length >= 4")
            try await browser.wait(
                until: "document.querySelectorAll('#devices canvas[data-picture=shown]').length >= 3")
            try await save("home")
            // Down to the processor of the service.
            try await browser.resize(width: 1180, height: 900)
            try await browser.click("Motion: human")
            try await browser.wait(until: "document.documentElement.dataset.ready === ''")
            try await browser.find("#processor-heat").click()
            try await browser.wait(until: "+document.querySelector('[data-player]').dataset.position > 7.5")
            try await browser.find("[data-play]").click()
            try await browser.wait(until: "document.querySelector('[data-play]').textContent === 'Play'")
            try await browser.value(of: "window.scrollTo(0, 0)")
            try await save("clip")
        }
    }
}
