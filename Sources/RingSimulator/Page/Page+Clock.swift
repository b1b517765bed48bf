internal import RingCore
internal import RingListener

/// The simulated clock.
extension Page {
    private static let steps: [(title: String, seconds: Int64)] = [
        ("10 seconds", 10), ("1 minute", 60), ("1 hour", 3600), ("1 day", 86_400), ("30 days", 30 * 86_400),
    ]

    func clock() -> Response { self.clockPage(200) }

    private func clockPage(_ status: Int) -> Response {
        let now = self.engine.clock.now
        let speed = self.engine.clock.speed
        let buttons = Self.steps.html {
            PagePart.button(
                "+ \($0.title)", to: "/ui/clock", values: [("advance", String($0.seconds))],
                key: "advance-\($0.seconds)")
        }
        return self.frame("Clock", .clock).response(
            status,
            """
            \(PagePart.title("Clock", "Tokens, links, live sessions and the repetitions of webhooks go by this clock."))
            <div class="split"><div class="stack wide">
            <section class="panel stack" aria-labelledby="now-title"><h2 id="now-title">Now</h2>\
            <p class="number" id="now" data-live><strong data-clock>\(PageTime.full(now))</strong>\
            <span class="soft"> · \(Self.pace(speed))</span></p></section>
            <section class="panel stack" aria-labelledby="advance-title"><h2 id="advance-title">Move it forward</h2>
            <div class="row">\(buttons)</div>
            <form method="post" action="/ui/clock" class="row" data-stay><label for="f-advance">By seconds</label>\
            <input class="short" id="f-advance" name="advance" type="number" min="0" max="31536000" step="any" required>\
            <button>Move</button></form></section></div>
            <div class="stack wide"><section class="panel stack" aria-labelledby="speed-title"><h2 id="speed-title">Speed</h2>
            <form method="post" action="/ui/clock" class="stack" data-stay>\
            \(PagePart.field(
                "Simulated seconds in a real one", name: "speed", value: speed.pageText, hint: "1 is real time, 0 stands still",
                more: " type=\"number\" min=\"0\" max=\"1000000\" step=\"any\" required"))
            <p class="hint">At 3600 the last repetition of a webhook comes after a second.</p>
            <div class="row"><button>Set the speed</button></div></form></section>
            <section class="panel stack"><h2>Let your service follow</h2><p>A service compares times with its own clock. After a move, its \
            tokens and links look older or newer than they are. In tests, let its clock follow this one: \
            <code>RingSimulatorClock.following</code> does it in Swift, and <code>GET /clock</code> at \
            <code>\(self.simulator.controlURL)</code> has the time as <code>now</code>, in milliseconds.</p></section>
            </div></div>
            """)
    }

    private static func pace(_ speed: Double) -> String {
        speed == 1 ? "real time" : speed == 0 ? "standing still" : "\(speed.pageText) times as fast as real time"
    }

    func setClock() async -> Response {
        do {
            if let text = self.filled("speed") {
                guard let speed = Double(text), SimulatedClock.speeds.contains(speed) else {
                    throw RingSimulatorError(
                        message: "Speed: a number from 0, which stands still, to 1000000 is needed")
                }
                self.simulator.setSpeed(speed)
            } else {
                let milliseconds = try Self.milliseconds(
                    self.form["advance"] ?? "", "Move", maximumSeconds: 31_536_000)
                self.simulator.advance(by: .milliseconds(milliseconds))
                await self.simulator.settle()
            }
            return self.back("clock", or: "/ui/clock")
        } catch let error as RingSimulatorError {
            return self.failed(error.message).clockPage(422)
        } catch {
            return self.failed("The clock was not set.").clockPage(422)
        }
    }
}
