import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// What is shown of a picture, and what the processors find in it.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(4)))
struct DashboardPictureTests {
    /// How many pixels of a canvas, in a part given as fractions, are not the colour of a privacy zone.
    private func visiblePixels(_ canvas: String, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> String {
        """
        (() => { const c = document.querySelector('\(canvas)'), w = c.width, h = c.height;
          const [x, y] = [\(x.lowerBound) * w, \(y.lowerBound) * h];
          const { data } = c.getContext('2d').getImageData(x, y, \(x.upperBound) * w - x, \(y.upperBound) * h - y);
          let count = 0;
          for (let i = 0; i < data.length; i += 4) if (data[i] !== 16 || data[i + 1] !== 19 || data[i + 2] !== 26) count++;
          return count; })()
        """
    }

    /// The inside of the garden's privacy zone, whose corners are 0.78, 0.06 and 1, 0.34; above the outline of its motion zone.
    private let zone = (x: 0.8...0.99, y: 0.08...0.23)

    @Test func privacyZonesAreCoveredEverywhere() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await bench.trigger("motion_detected", at: "Garden", subType: "human", in: browser)
            bench.simulator.advance(by: .seconds(60))
            try await browser.open(bench.origin + "/")
            for canvas in [".event canvas", "#devices canvas[aria-label$=Garden]"] {
                try await browser.wait(until: "document.querySelector('\(canvas)').dataset.picture === 'shown'")
                #expect(
                    try await browser.value(of: self.visiblePixels(canvas, self.zone.x, self.zone.y)).int64 == 0,
                    "\(canvas)")
                // The rest of the picture is there.
                #expect(try await browser.value(of: self.visiblePixels(canvas, 0.1...0.5, 0.3...0.9)).int64 ?? 0 > 100)
            }
            try await browser.click("Motion: human")
            let stage = "#stage canvas"
            try await browser.wait(until: "+document.querySelector('\(stage)').dataset.frames > 5")
            #expect(try await browser.value(of: self.visiblePixels(stage, self.zone.x, self.zone.y)).int64 == 0)
            #expect(try await browser.value(of: self.visiblePixels(stage, 0.1...0.5, 0.3...0.9)).int64 ?? 0 > 100)
            // The video itself is on no page, and neither is a picture as Ring sent it.
            #expect(try await browser.value(of: "document.querySelectorAll('video, main img').length").int64 == 0)
        }
    }

    /// The map grows while the scene moves, and not while it stands.
    @Test func theHeatMapFollowsTheScene() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await bench.trigger("motion_detected", at: "Garden", subType: "human", in: browser)
            bench.simulator.advance(by: .seconds(60))
            try await browser.click("Motion: human")
            try await browser.wait(until: "document.documentElement.dataset.ready === ''")
            for id in ["heat", "brightness", "game"] { try await browser.find("#processor-\(id)").click() }
            let changes =
                "+(/(\\d+) changes/.exec(document.querySelector('[data-processor=heat]').textContent)?.[1] ?? 0)"
            try await browser.wait(until: "\(changes) > 100")
            // Once more from the beginning: this machine may be slow, and the clip at its end.
            let once = try await browser.value(of: changes).int64 ?? 0
            try await browser.value(
                of: """
                    (document.querySelector('[data-seek]').value = 0,
                    document.querySelector('[data-seek]').dispatchEvent(new Event('input')),
                    document.querySelector('[data-play]').textContent === 'Play' && document.querySelector('[data-play]').click())
                    """)
            try await browser.wait(until: "\(changes) > \(once)")
            try await browser.wait(until: "document.querySelector('[data-play]').textContent === 'Pause'")
            try await browser.find("[data-play]").click()
            try await browser.wait(until: "document.querySelector('[data-play]').textContent === 'Play'")
            // A frame that was decoded before the pause may still be counted; what is counted afterwards would be a mistake.
            let still = """
                new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(\(changes)))))
                """
            let before = try await browser.value(of: still).int64 ?? 0
            for _ in 0..<20 { _ = try await browser.value(of: still) }
            #expect(try await browser.value(of: still).int64 == before)
            #expect(before > once)
            #expect(try await browser.find("[data-processor=brightness]").text.contains("%"))
            #expect(try await browser.find("[data-processor=game]").text.contains("caught"))
            #expect(try await browser.takeComplaints() == [])
        }
    }
}
