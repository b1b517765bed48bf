import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingLive
import RingSimulator
import Testing

/// The processor in Swift: the service receives the live picture itself, decodes it, and tells how much moves in each zone.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(4)))
struct DashboardMotionTests {
    private static let state = "document.querySelector('[data-motion-state]').textContent"
    private static let scores = "document.querySelector('[data-motion-scores]').textContent"
    private static let pictures = "+(document.querySelector('[data-motion-scores]').dataset.pictures || 0)"
    /// The share of the picture that moves, in percent.
    private static let moving = "+(/^Picture: ([0-9.]+) %/.exec(\(Self.scores))?.[1] ?? -1)"

    /// The time is in a band at the top, which is a privacy zone here: it always moves. The first motion zone is inside it.
    private static let yard = """
        {"accounts": [{"devices": [{"kind": "camera", "name": "Yard", "privacy_zones": [
            {"vertices": [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 0.12}, {"x": 0, "y": 0.12}]}
        ], "motion_zones": [
            {"vertices": [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 0.1}, {"x": 0, "y": 0.1}]},
            {"vertices": [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 1}, {"x": 0, "y": 1}]}
        ]}]}]}
        """

    /// Opens the page of the camera and begins to measure.
    private func measure(
        _ options: Browser.Options = .init(), _ test: (DashboardBench, Browser) async throws -> Void
    ) async throws {
        do { try await RingLiveClient.prepare() } catch {
            print("skipped: \(error)")
            return
        }
        let configuration = try RingSimulatorConfiguration(scenario: Array(Self.yard.utf8))
        try await DashboardBench.run(options, { $0 = configuration }) { bench, browser async throws in
            try await bench.openDevice("Yard", in: browser)
            try await browser.click("Measure motion by zone")
            try await browser.wait(until: "\(Self.pictures) >= 2 || \(Self.state).startsWith('Not measured')")
            #expect(try await browser.value(of: Self.state).string == "Measuring")
            #expect(bench.simulator.openSessions == 1)
            try await test(bench, browser)
        }
    }

    @Test func theScoresFollowTheSceneAndThePageEndsTheSession() async throws {
        try await self.measure { bench, browser async throws in
            // The time in the band changes all the time, and is not seen.
            let start = try await browser.value(of: Self.pictures).int64 ?? 0
            try await browser.wait(until: "\(Self.pictures) >= \(start + 8)")
            let standing = try await browser.value(of: Self.scores).string
            #expect(standing == "Picture: 0.0 % · Zone 1: private · Zone 2: 0.0 %")
            try bench.simulator.trigger(
                RingSimulatorEvent(
                    type: "motion_detected", device: "Yard", subType: "package_delivery", recording: .seconds(10)))
            try await browser.wait(until: "\(Self.moving) > 0")
            #expect(try await browser.foreignRequests() == [])
            #expect(try await browser.takeComplaints() == [])
            // Nobody reads any more.
            let left = ContinuousClock.now
            try await browser.open("about:blank")
            try await bench.simulator.waitForEndedSessions(1)
            print("the measurement was ended at Ring after \(left.duration(to: .now))")
            #expect(bench.simulator.openSessions == 0)
        }
    }

    @Test func itEndsWithTheButtonAndWithTheSignIn() async throws {
        try await self.measure { bench, browser async throws in
            try await browser.click("End the measurement")
            try await bench.simulator.waitForEndedSessions(1)
            try await browser.wait(until: "\(Self.state) === 'Closed'")
            // A camera has one session at a time: the live view waits for the end of the measurement, and the other way round.
            try await browser.click("Measure motion by zone")
            let before = try await browser.value(of: Self.pictures).int64 ?? 0
            try await browser.wait(until: "\(Self.pictures) > \(before)")
            try await browser.click("Sign out")
            try await bench.simulator.waitForEndedSessions(2)
            #expect(bench.simulator.openSessions == 0)
        }
    }
}
