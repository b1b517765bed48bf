internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Pins the `Location` of a session to where the offer went, because the bearer goes there with the DELETE.
enum WHEPLocation {
    /// - Parameters:
    ///   - text: The field as it came.
    ///   - answering: The URL that answered, after redirects; relative references resolve against it.
    ///   - sessions: The URL of the device's sessions.
    /// - Returns: The session's URL, or what is wrong with the field.
    static func pinned(_ text: String?, answering: URL, sessions: URL) -> Result<URL, Flaw> {
        guard let text = text?.trimmed, !text.isEmpty else { return .failure(.missing) }
        guard let url = URL(string: text, relativeTo: answering)?.absoluteURL else { return .failure(.unreadable) }
        guard RingURL.isSameOrigin(url, sessions), url.user() == nil, url.password() == nil else {
            return .failure(.foreign)
        }
        guard var segments = Self.segments(of: url) else { return .failure(.foreign) }
        if segments.last?.isEmpty == true { segments.removeLast() }
        let parents = [sessions, answering].compactMap { Self.segments(of: $0) }
        guard let last = segments.popLast(), !last.isEmpty, parents.contains(segments) else {
            return .failure(.foreign)
        }
        return .success(url)
    }

    /// Whether a URL, given by a person or a store, is a session under the API's origin.
    static func isSession(_ url: URL, under origin: URL) -> Bool {
        guard RingURL.isSameOrigin(url, origin), url.user() == nil, url.password() == nil,
            let segments = Self.segments(of: url), let last = segments.last
        else { return false }
        return !last.isEmpty && segments.dropLast().suffix(4).elementsEqual(["media", "streaming", "whep", "sessions"])
    }

    /// The decoded segments; `nil` when one of them would climb.
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
        case missing, unreadable, foreign

        var words: String {
            switch self {
            case .missing: "has no Location"
            case .unreadable: "has a Location that is no URL"
            case .foreign: "has a Location outside the device's sessions, where the token must not go"
            }
        }
    }
}
