internal import RingJSONAPI

/// What every page of this package has to pass.
extension Browser {
    /// Texts with a contrast under 4.5:1, computed from their colour and the ground behind it.
    package func textsOfLowContrast() async throws -> [String] { try await self.list(Self.contrastScript) }

    /// Controls, links and pictures without a name.
    package func unnamedElements() async throws -> [String] { try await self.list(Self.unnamedScript) }

    /// Landmarks that a page does not have exactly once.
    package func wrongLandmarks(_ names: [String] = ["header", "main", "nav", "h1"]) async throws -> [String] {
        let list = names.map { "'\($0)'" }.joined(separator: ",")
        return try await self.list("[\(list)].filter((name) => document.querySelectorAll(name).length !== 1)")
    }

    /// Ids that more than one element has.
    package func repeatedIDs() async throws -> [String] {
        try await self.list(
            "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)")
    }

    /// Elements that are cut off at the right side of a window.
    ///
    /// - Parameter scrolling: A selector of what may be wider, because it can be scrolled.
    package func elements(beyond width: Int, except scrolling: String) async throws -> [String] {
        try await self.list(
            """
            [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > \(width + 1) \
            && !e.closest("\(scrolling)")).map((e) => e.outerHTML.slice(0, 120))
            """)
    }

    /// Everything that this page has loaded from another origin than its own.
    package func foreignRequests() async throws -> [String] {
        try await self.list(
            "performance.getEntriesByType('resource').map((e) => e.name).filter((name) => !name.startsWith(location.origin + '/'))"
        )
    }

    private func list(_ script: String) async throws -> [String] {
        try await self.value(of: script).elements.compactMap(\.string)
    }

    /// What a browser computes for each text: its colour and the ground behind it.
    private static let contrastScript = """
        (() => {
          const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
          const luminance = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (element) => { for (let e = element; e; e = e.parentElement) {
            const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
          const low = [];
          for (const element of document.querySelectorAll("body *")) {
            const hasText = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
            if (!hasText || !element.checkVisibility() || ["SCRIPT", "NOSCRIPT", "OPTION"].includes(element.tagName)) continue;
            if (element.disabled) continue;
            const pair = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => a - b);
            const ratio = (pair[1] + 0.05) / (pair[0] + 0.05);
            if (ratio < 4.5) low.push(element.className + " " + element.textContent.trim().slice(0, 40) + ": " + ratio.toFixed(2));
          }
          return low;
        })()
        """

    private static let unnamedScript = """
        [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], img, video, canvas")].filter((e) => {
          const decoration = e.getAttribute("alt") === "" && e.closest("a, button")?.textContent.trim();
          const label = e.labels?.length || e.getAttribute("aria-label") || e.textContent.trim() || e.getAttribute("alt")
            || e.querySelector("[aria-label]") || decoration;
          return !label; }).map((e) => e.outerHTML)
        """
}
