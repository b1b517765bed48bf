internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Accepts the `Location` of a session only under the URL that the offer was sent to, because the DELETE carries the
/// access token there.
enum WHEPLocation {
    /// - Parameters:
    ///   - text: The field as received.
    ///   - responding: The URL that responded, after redirects; relative references are resolved against it.
    ///   - sessions: The URL of the device's sessions.
    /// - Returns: The session's URL, or what is wrong with the field.
    static func pinned(_ text: String?, responding: URL, sessions: URL) -> Result<URL, Flaw> {
        guard let text = text?.trimmed, !text.isEmpty else { return .failure(.missing) }
        guard RingPercentCoding.decodedBytes(text.utf8).isWhole,
            let url = try? RingURL.resolve(text, against: responding), RingURL.isSameOrigin(url, sessions),
            var segments = Self.segments(of: url)
        else { return .failure(.foreign) }
        if segments.last?.isEmpty == true { segments.removeLast() }
        let parents = [sessions, responding].compactMap { Self.segments(of: $0) }
        guard let last = segments.popLast(), !last.isEmpty, parents.contains(segments) else {
            return .failure(.foreign)
        }
        return .success(url)
    }

    /// Whether a URL from the application or the storage is a session under the API's origin.
    static func isSession(_ url: URL, under origin: URL) -> Bool {
        guard RingURL.isSameOrigin(url, origin), url.user() == nil, url.password() == nil,
            let segments = Self.segments(of: url), let last = segments.last
        else { return false }
        return !last.isEmpty && segments.dropLast().suffix(4).elementsEqual(["media", "streaming", "whep", "sessions"])
    }

    /// The decoded segments; `nil` when one of them is `.` or `..`.
    private static func segments(of url: URL) -> [String]? {
        var result: [String] = []
        for segment in url.path(percentEncoded: true).split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = RingPercentCoding.decodeStrictly(segment.utf8), decoded != ".", decoded != ".." else {
                return nil
            }
            result.append(decoded)
        }
        return result
    }

    /// What is wrong with a `Location`.
    enum Flaw: Error {
        case missing, foreign

        var message: String {
            switch self {
            case .missing: "has no Location"
            case .foreign: "has a Location outside the device's sessions, where the access token must not be sent"
            }
        }
    }
}
