public import RingCore

/// A STUN or TURN server that the answer recommends.
///
/// Wire: `Link: <turn:…>; rel="ice-server"; username="…"; credential="…"`, WHEP section 4.7.
public struct WHEPICEServer: Sendable {
    /// The server: `stun:host` or `turn:host?transport=udp`.
    public var url: String
    /// The user name, for TURN.
    public var username: String?
    /// The password, for TURN.
    public var credential: WHEPICECredential?
    /// The kind of the credential; `password` when the field says nothing.
    public var credentialType: String

    /// Creates a server.
    public init(
        url: String, username: String? = nil, credential: WHEPICECredential? = nil, credentialType: String = "password"
    ) {
        self.url = url
        self.username = username
        self.credential = credential
        self.credentialType = credentialType
    }

    /// `nil` when the link is no ICE server.
    init?(_ link: RingHTTPLink) {
        guard link.relations.contains("ice-server") else { return nil }
        self.init(
            url: link.target, username: link["username"], credential: link["credential"].map(WHEPICECredential.init),
            credentialType: link["credential-type"] ?? "password")
    }
}

/// The password of a TURN server.
public struct WHEPICECredential: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
