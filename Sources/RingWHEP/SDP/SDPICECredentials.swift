/// The short-term credentials of one side's ICE agent.
///
/// Wire: `a=ice-ufrag` and `a=ice-pwd`, RFC 8839 section 5.4. The password is never printed.
public struct SDPICECredentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// 4 to 256 characters.
    public var userFragment: String
    /// 22 to 256 characters; a secret of the session.
    public var password: String

    /// Creates credentials.
    public init(userFragment: String, password: String) {
        self.userFragment = userFragment
        self.password = password
    }

    /// Whether both lengths are what RFC 8839 allows.
    public var hasValidLengths: Bool {
        (4...256).contains(self.userFragment.utf8.count) && (22...256).contains(self.password.utf8.count)
    }

    /// Lengths, never the values.
    public var description: String {
        "ICE credentials (\(self.userFragment.utf8.count)/\(self.password.utf8.count) characters)"
    }

    /// Shows no children, so that `dump` cannot print the password.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
