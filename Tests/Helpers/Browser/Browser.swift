internal import Foundation
internal import RingCore
internal import RingCrypto
package import RingJSONAPI

/// A headless Chromium, driven by a test.
///
/// Everything that waits, waits for a condition inside the browser. Nothing of it is left after ``run(_:_:)``.
package struct Browser: Sendable {
    /// How a browser looks at pages.
    package struct Options: Sendable {
        package var width = 1180
        package var height = 900
        package var isDark = false
        package var runsScripts = true
        /// Pixels of a screenshot for each pixel of the page.
        package var scale = 1

        package init() {}

        package init(
            width: Int = 1180, height: Int = 900, isDark: Bool = false, runsScripts: Bool = true, scale: Int = 1
        ) {
            (self.width, self.height, self.isDark) = (width, height, isDark)
            (self.runsScripts, self.scale) = (runsScripts, scale)
        }
    }

    /// Whether both programs are there: Debian's `chromium` and `chromium-driver`.
    package static var isInstalled: Bool { WebDriver.program("chromedriver") != nil && Self.chromium != nil }

    private static var chromium: String? { WebDriver.program("chromium") ?? WebDriver.program("google-chrome") }

    private let driver: WebDriver
    private let session: String
    /// The number of the browser's process.
    private let process: Int64?

    /// Starts a browser for a test, and ends it afterwards.
    package static func run(_ options: Options = Options(), _ test: (Browser) async throws -> Void) async throws {
        let driver = try await WebDriver()
        do {
            let browser = try await Browser(driver, options)
            do {
                try await test(browser)
            } catch {
                _ = try? await browser.send("DELETE", "")
                throw error
            }
            _ = try? await browser.send("DELETE", "")
        } catch {
            await driver.stop()
            throw error
        }
        await driver.stop()
    }

    private init(_ driver: WebDriver, _ options: Options) async throws {
        self.driver = driver
        var arguments: [JSONAPILiteral] = [
            "--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
        ]
        // The sandbox refuses to run as root.
        if getuid() == 0 { arguments.append("--no-sandbox") }
        // 2 is "block".
        let preferences: JSONAPILiteral =
            options.runsScripts ? [:] : ["profile.managed_default_content_settings.javascript": 2]
        let chrome: JSONAPILiteral = [
            "binary": .string(Self.chromium ?? ""), "args": .array(arguments), "prefs": preferences,
        ]
        let capabilities: JSONAPILiteral = [
            "goog:chromeOptions": chrome, "goog:loggingPrefs": ["browser": "ALL"],
            "timeouts": ["script": 30_000, "pageLoad": 30_000, "implicit": 0],
        ]
        let created = try await driver.send("POST", "/session", ["capabilities": ["alwaysMatch": capabilities]])
        self.session = created["sessionId"]?.string ?? ""
        self.process = created["capabilities"]?["goog:processID"]?.int64
        try await self.resize(width: options.width, height: options.height, scale: options.scale)
        try await self.setDark(options.isDark)
    }

    /// Gives the page another size.
    package func resize(width: Int, height: Int, scale: Int = 1) async throws {
        // Windows have a least width; what the page sees has none.
        try await self.chromium(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .int(Int64(width)), "height": .int(Int64(height)), "deviceScaleFactor": .int(Int64(scale)),
                "mobile": false,
            ])
    }

    @discardableResult
    private func send(_ method: String, _ path: String, _ body: JSONAPILiteral? = nil) async throws -> JSONAPIValue {
        // Commands without parameters need an empty object.
        let empty: JSONAPILiteral? = method == "POST" ? .object([]) : Optional.none
        return try await self.driver.send(method, "/session/\(self.session)\(path)", body ?? empty)
    }

    private func chromium(_ command: JSONAPILiteral, _ parameters: JSONAPILiteral) async throws {
        try await self.send("POST", "/goog/cdp/execute", ["cmd": command, "params": parameters])
    }

    /// Prefers dark pages, or light ones.
    package func setDark(_ isDark: Bool) async throws {
        let feature: JSONAPILiteral = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        try await self.chromium("Emulation.setEmulatedMedia", ["features": [feature]])
    }

    /// Ends the process of the browser at once, so that its pages can do nothing any more.
    package func kill() {
        guard let process = self.process, process > 0 else { return }
        _ = Foundation.kill(pid_t(process), SIGKILL)
    }

    // MARK: Pages

    /// Opens a page and waits until it is loaded.
    package func open(_ url: String) async throws { try await self.send("POST", "/url", ["url": .string(url)]) }

    /// Opens a further tab, and goes on in it.
    package func openTab() async throws {
        let tab = try await self.send("POST", "/window/new", ["type": "tab"])["handle"]?.string ?? ""
        try await self.send("POST", "/window", ["handle": .string(tab)])
    }

    /// Closes the tab, and goes on in the first one that is left.
    package func closeTab() async throws {
        let left = try await self.send("DELETE", "/window").elements.first?.string ?? ""
        try await self.send("POST", "/window", ["handle": .string(left)])
    }

    package var url: String { get async throws { try await self.send("GET", "/url").string ?? "" } }

    package var title: String { get async throws { try await self.send("GET", "/title").string ?? "" } }

    /// The text of the page that can be seen.
    package var text: String { get async throws { try await self.find("body").text } }

    /// What scripts, styles, policies and requests complained about since the last call: warnings and errors.
    package func takeComplaints() async throws -> [String] {
        try await self.send("POST", "/se/log", ["type": "browser"]).elements
            .filter { ["SEVERE", "WARNING"].contains($0["level"]?.string ?? "") }
            .map { $0["message"]?.string ?? "" }
    }

    /// A picture of what can be seen, as PNG.
    package func screenshot() async throws -> [UInt8] {
        RingBase64.decode(try await self.send("GET", "/screenshot").string ?? "") ?? []
    }

    // MARK: Scripts

    /// The value of an expression in the page.
    @discardableResult
    package func value(of expression: String) async throws -> JSONAPIValue {
        try await self.send(
            "POST", "/execute/sync", ["script": .string("return (\(expression));"), "args": []])
    }

    /// Waits until an expression in the page is true, over navigations too.
    ///
    /// - Throws: ``BrowserError`` after 90 seconds.
    package func wait(until expression: String) async throws {
        // Asked again from here: pages without scripts have no timers, and a navigation would end a script that waits.
        try await self.repeated { browser in
            let look = "(() => { try { return Boolean(\(expression)); } catch { return false; } })()"
            guard try await browser.value(of: look).bool != true else { return }
            let page = (try? await browser.text) ?? ""
            throw BrowserError(
                kind: "condition",
                message: "\(expression) is not true. The page says: \(page.replacing("\n", with: " | "))")
        }
    }

    /// Does something again as long as the page is not ready for it, for 90 seconds.
    private func repeated<Result>(_ body: (Browser) async throws -> Result) async throws -> Result {
        let end = ContinuousClock.now + .seconds(90)
        while true {
            do { return try await body(self) } catch let error as BrowserError {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits until the visible text of the page, or of a part of it, contains words.
    package func wait(for words: String, in selector: String = "body") async throws {
        let (words, selector) = (JSONAPILiteral.string(words).line, JSONAPILiteral.string(selector).line)
        try await self.wait(until: "document.querySelector(\(selector)).innerText.includes(\(words))")
    }

    // MARK: Elements

    /// An element on the page.
    package struct Element: Sendable {
        fileprivate let browser: Browser
        fileprivate let id: String

        fileprivate func send(_ method: String, _ path: String, _ body: JSONAPILiteral? = nil) async throws
            -> JSONAPIValue
        {
            try await self.browser.send(method, "/element/\(self.id)\(path)", body)
        }

        /// Clicks it, and waits for the page that follows.
        package func click() async throws { _ = try await self.send("POST", "/click") }

        /// Types into it.
        package func type(_ text: String) async throws {
            _ = try await self.send("POST", "/value", ["text": .string(text)])
        }

        /// Empties a field and types into it.
        package func fill(_ text: String) async throws {
            _ = try await self.send("POST", "/clear")
            try await self.type(text)
        }

        package var text: String { get async throws { try await self.send("GET", "/text").string ?? "" } }

        package func attribute(_ name: String) async throws -> String? {
            try await self.send("GET", "/attribute/\(name)").string
        }
    }

    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    /// The first element of a CSS selector.
    ///
    /// - Throws: ``BrowserError`` of kind `no such element`.
    package func find(_ selector: String) async throws -> Element {
        try await self.element(using: "css selector", selector)
    }

    /// The first element of an XPath expression.
    package func find(xpath: String) async throws -> Element { try await self.element(using: "xpath", xpath) }

    private func element(using strategy: JSONAPILiteral, _ text: String) async throws -> Element {
        let found = try await self.send("POST", "/element", ["using": strategy, "value": .string(text)])
        return Element(browser: self, id: found[Self.elementKey]?.string ?? "")
    }

    /// Clicks the button or link of a text, as soon as there is one.
    package func click(_ title: String) async throws {
        let path = "//*[(self::button or self::a) and normalize-space()='\(title)']"
        try await self.repeated { try await $0.find(xpath: path).click() }
    }

    /// Types into the empty field of a CSS selector, as soon as there is one.
    package func fill(_ selector: String, with text: String) async throws {
        try await self.repeated { try await $0.find(selector).fill(text) }
    }

    // MARK: Keyboard

    /// Keys that have no character.
    package enum Key: String, Sendable {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case space = " "
        case escape = "\u{E00C}"
        case right = "\u{E014}"
    }

    /// Presses and releases keys, one after the other.
    package func press(_ keys: Key...) async throws {
        let actions = keys.flatMap { key -> [JSONAPILiteral] in
            ["keyDown", "keyUp"].map { ["type": .string($0), "value": .string(key.rawValue)] }
        }
        try await self.send(
            "POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }
}
