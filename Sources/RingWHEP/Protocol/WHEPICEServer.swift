public import RingCore

/// A STUN or TURN server that the response recommends.
///
/// Wire: `Link: <turn:…>; rel="ice-server"; username="…"; credential="…"`, WHEP section 4.7.
public struct WHEPICEServer: Sendable {
    /// The server: `stun:host` or `turn:host?transport=udp`.
    public let url: String
    /// The user name, for TURN.
    public let username: String?
    /// The password, for TURN.
    public let credential: WHEPICECredential?

    /// Names a server of your own.
    public init(url: String, username: String? = nil, credential: WHEPICECredential? = nil) {
        self.url = url
        self.username = username
        self.credential = credential
    }

    /// `nil` when the link is not an ICE server.
    init?(_ link: RingHTTPLink) {
        guard link.relations.contains("ice-server") else { return nil }
        self.url = link.target
        self.username = link["username"]
        self.credential = link["credential"].map(WHEPICECredential.init)
    }
}

/// The password of a TURN server.
public struct WHEPICECredential: RingSecret {
    /// The secret itself. Read it only to pass it to the WebRTC engine.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
