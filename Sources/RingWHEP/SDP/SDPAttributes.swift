internal import RingCore

/// The media type of a section.
///
/// Wire: the first word of an `m=` line.
package struct SDPMediaKind: RingOpenString {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let video = Self(rawValue: "video")
    package static let audio = Self(rawValue: "audio")
    /// A data channel; Ring supports none.
    package static let application = Self(rawValue: "application")

    /// The kind for messages, which must not repeat arbitrary text of a description.
    var word: String { [.video, .audio, .application].contains(self) ? self.rawValue : "unknown" }
}

/// The direction of the media in a section, as seen by the side that wrote the description.
///
/// Wire: RFC 8866 section 6.7. The list is closed: a new word would be a new attribute, which is kept as an unknown line.
package enum SDPDirection: String, Hashable, Sendable, CaseIterable {
    /// Sends and receives. This is the default of a section without a direction.
    case sendrecv
    /// Sends only. An answer to a viewer uses this.
    case sendonly
    /// Receives only. The offer of a viewer uses this.
    case recvonly
    /// Neither sends nor receives.
    case inactive

    init?(_ line: SDPLine) {
        for direction in Self.allCases where line.isAttribute(direction.rawValue) {
            self = direction
            return
        }
        return nil
    }
}

/// Who opens the DTLS connection.
///
/// Wire: `a=setup`, RFC 8842 section 5.
package struct SDPSetupRole: RingOpenString {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// This side accepts either role. Allowed in offers only.
    package static let actpass = Self(rawValue: "actpass")
    /// This side is the DTLS client.
    package static let active = Self(rawValue: "active")
    /// This side is the DTLS server.
    package static let passive = Self(rawValue: "passive")
    /// No connection for now.
    package static let holdconn = Self(rawValue: "holdconn")
}

/// Sections that belong together.
///
/// Wire: `a=group`, RFC 5888. `BUNDLE` (RFC 9143) means one transport for all sections that it names.
package struct SDPGroup: Hashable, Sendable {
    /// `BUNDLE`, `LS` or another word.
    package var semantics: String
    /// The `a=mid` of each member. In an answer the first member of a bundle carries the transport.
    package var members: [String]

    package init(semantics: String, members: [String]) {
        self.semantics = semantics
        self.members = members
    }

    /// Parses the text after `a=group:`.
    package init?(attributeValue: String) {
        let words = attributeValue.split(separator: " ").map(String.init)
        guard let semantics = words.first else { return nil }
        self.init(semantics: semantics, members: Array(words.dropFirst()))
    }
}

/// The short-term credentials of one side's ICE agent.
///
/// Wire: `a=ice-ufrag` and `a=ice-pwd`, RFC 8839 section 5.4. The password is never printed.
package struct SDPICECredentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 4 to 256 characters.
    package var userFragment: String
    /// 22 to 256 characters; a secret of the session.
    package var password: String

    /// Whether RFC 8839 allows both lengths. A blank ends a value.
    package var hasValidLengths: Bool {
        (4...256).contains(self.userFragment.utf8.count) && (22...256).contains(self.password.utf8.count)
            && !self.userFragment.contains(" ") && !self.password.contains(" ")
    }

    /// The lengths, never the values.
    package var description: String {
        "ICE credentials (\(self.userFragment.utf8.count)/\(self.password.utf8.count) characters)"
    }

    /// Has no children, so that `dump` cannot print the password.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The hash of a DTLS certificate.
///
/// Wire: `a=fingerprint`, RFC 8122 section 5. A section may have several.
package struct SDPFingerprint: Hashable, Sendable {
    /// The hash function in lower case: `sha-256`.
    package var algorithm: String
    /// The hash as written: pairs of hex digits between colons.
    package var hash: String

    /// Parses the text after `a=fingerprint:`; `nil` when a part is missing.
    package init?(attributeValue: String) {
        let parts = attributeValue.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        self.algorithm = parts[0].lowercased()
        self.hash = String(parts[1])
    }

    /// Whether the hash function is SHA-256 or better, which RFC 8122 requires of new implementations.
    package var isStrong: Bool { ["sha-256", "sha-384", "sha-512"].contains(self.algorithm) }
}

/// An RTP header extension and its number in this session.
///
/// Wire: `a=extmap:<id>[/<direction>] <URI> [attributes]`, RFC 8285 section 5.
package struct SDPExtensionMapping: Hashable, Sendable {
    /// The number, as written.
    package var identifier: String
    /// The direction suffix. Rare; Ring has sent one that some engines reject.
    package var direction: String?
    /// The name of the extension.
    package var uri: String
    /// The text after the URI, as written.
    package var attributes: String?

    /// Parses the text after `a=extmap:`; `nil` when number or URI is missing.
    package init?(attributeValue: String) {
        let words = attributeValue.split(separator: " ", maxSplits: 2)
        guard words.count >= 2 else { return nil }
        let number = words[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.identifier = String(number[0])
        self.direction = number.count == 2 ? String(number[1]) : nil
        self.uri = String(words[1])
        self.attributes = words.count == 3 ? String(words[2]) : nil
    }

    /// The attribute value without the direction suffix.
    var withoutDirection: String {
        "\(self.identifier) \(self.uri)" + (self.attributes.map { " " + $0 } ?? "")
    }
}
