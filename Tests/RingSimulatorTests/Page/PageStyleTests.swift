import Foundation
import Testing

@testable import RingSimulator

/// The colours of the style sheet, by the formula of WCAG 2.2 (contrast ratio of relative luminances).
@Suite struct PageStyleTests {
    /// The colours of a scheme by their names.
    private func colours(isDark: Bool) throws -> [String: String] {
        let css = PageStyle.css
        let dark = try #require(css.firstRange(of: "@media (prefers-color-scheme: dark)"))
        let end = try #require(css[dark.upperBound...].firstRange(of: "* { box-sizing"))
        let part = isDark ? css[dark.upperBound..<end.lowerBound] : css[..<dark.lowerBound]
        var colours: [String: String] = [:]
        for declaration in part.split(whereSeparator: { $0 == ";" || $0 == "{" || $0 == "}" }) {
            let words = declaration.split(separator: ":").map { $0.trimmed }
            if words.count == 2, words[0].hasPrefix("--"), words[1].hasPrefix("#") { colours[words[0]] = words[1] }
        }
        return colours
    }

    private func luminance(_ hex: String) throws -> Double {
        let number = try #require(Int(hex.dropFirst(), radix: 16))
        let channels = [number >> 16, number >> 8 & 0xFF, number & 0xFF].map { channel -> Double in
            let value = Double(channel & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }

    private func contrast(_ one: String, _ other: String) throws -> Double {
        let pair = try [self.luminance(one), self.luminance(other)].sorted()
        return (pair[1] + 0.05) / (pair[0] + 0.05)
    }

    @Test func theFormulaIsRight() throws {
        #expect(abs(try self.contrast("#ffffff", "#000000") - 21) < 0.001)
        #expect(abs(try self.contrast("#777777", "#ffffff") - 4.478) < 0.01)
    }

    @Test(arguments: [false, true]) func textHasTheContrastOfLevelAA(isDark: Bool) throws {
        let colours = try self.colours(isDark: isDark)
        #expect(colours.count >= 20)
        var pairs: [(String, String)] = [("--on-accent", "--accent"), ("--accent", "--accent-tint")]
        for ground in ["--page", "--panel", "--sunken"] {
            pairs += ["--text", "--soft", "--accent"].map { ($0, ground) }
        }
        for ground in ["--panel", "--sunken"] { pairs.append(("--bad", ground)) }
        pairs += ["good", "wait", "bad", "idle"].map { ("--\($0)", "--\($0)-tint") }
        pairs.append(("--text", "--accent-tint"))
        for (text, ground) in pairs {
            let ratio = try self.contrast(#require(colours[text]), #require(colours[ground]))
            #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
        }
        // Edges of fields and buttons, the ring of the focus, and the zones are no text: 3 is enough.
        for (part, ground) in [
            ("--edge", "--panel"), ("--edge", "--page"), ("--accent", "--page"), ("--good", "--panel"),
        ] {
            let ratio = try self.contrast(#require(colours[part]), #require(colours[ground]))
            #expect(ratio >= 3, "\(part) on \(ground): \(ratio)")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
