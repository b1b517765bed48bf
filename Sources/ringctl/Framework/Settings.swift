import FoundationEssentials
import RingCore

/// What every command takes: flag first, then environment, then default. Secrets come from the environment alone.
struct Settings: Sendable {
    var apiURL: URL
    var oauthURL: URL
    var store: String
    /// Whether the user chose the store, by flag or environment.
    var hasNamedStore: Bool
    var account: RingAccountID?
    var timeout: Duration
    var hasTimeout: Bool
    var json: Bool
    var quiet: Bool
    var verbose: Bool
    /// The variables of this package that white space surrounded, which is removed.
    let blanks: Set<String>
    private var environment: [String: String]

    static let flags: [Flag] = [
        Flag(name: "--api-url", value: "URL", help: "the API's origin (RING_API_URL)"),
        Flag(name: "--oauth-url", value: "URL", help: "the token endpoint's origin (RING_OAUTH_URL)"),
        Flag(
            name: "--store", value: "WHERE", help: "an SQLite file, a postgres:// URL, or `memory` (RING_STORE)",
            completes: .file),
        Flag(name: "--account", value: "ID", help: "which linked account (RING_ACCOUNT)"),
        Flag(name: "--timeout", value: "SECONDS", help: "for the whole command; 60"),
        Flag(name: "--json", value: nil, help: "one JSON object a line"),
        Flag(name: "--quiet", value: nil, help: "no progress, no remarks"),
        Flag(name: "--verbose", value: nil, help: "log each request to standard error, without secrets"),
        Flag(name: "--help", value: nil, help: "this text"),
        Flag(name: "-h", value: nil, help: "this text"),
    ]

    /// - Parameter allowsBlanks: Whether white space around a variable is noted, and no error.
    /// - Throws: `UsageError` for a URL or number that cannot be used.
    init(_ arguments: Arguments, environment: [String: String], allowsBlanks: Bool = false) throws {
        let (environment, blanks) = Self.clean(environment)
        guard allowsBlanks || blanks.isEmpty else {
            throw UsageError("\(blanks.sorted()[0]): white space surrounds the value; remove it")
        }
        self.blanks = blanks
        func setting(_ flag: String, _ name: String) -> String? {
            if let value = arguments[flag] { return value }
            guard let value = environment[name], !value.isEmpty else { return nil }
            return value
        }
        self.environment = environment
        self.apiURL = try Self.origin(setting("--api-url", "RING_API_URL") ?? RingURL.api, "--api-url")
        self.oauthURL = try Self.origin(setting("--oauth-url", "RING_OAUTH_URL") ?? RingURL.oauth, "--oauth-url")
        let store = setting("--store", "RING_STORE")
        guard store?.isEmpty != true else { throw UsageError("--store takes a file, a postgres:// URL, or memory") }
        self.hasNamedStore = store != nil
        self.store = store ?? Self.defaultStore(environment)
        self.account = setting("--account", "RING_ACCOUNT").map(RingAccountID.init(rawValue:))
        self.hasTimeout = arguments["--timeout"] != nil
        let seconds = arguments["--timeout"] ?? "60"
        // Swift would also read 0x10 and 1e3.
        guard seconds.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }),
            let number = Double(seconds), number > 0, number <= 86_400 * 30
        else { throw UsageError("--timeout takes seconds, such as 90 or 0.5: above zero, and thirty days at most") }
        self.timeout = .milliseconds(Int64((number * 1_000).rounded(.up)))
        self.json = arguments.has("--json")
        self.quiet = arguments.has("--quiet")
        self.verbose = arguments.has("--verbose")
    }

    /// The variables, those of this package without white space around them, and which of them had some. One line break at
    /// the end does not count: secrets are often read from files.
    private static func clean(_ environment: [String: String]) -> ([String: String], blanks: Set<String>) {
        var environment = environment
        var blanks: Set<String> = []
        for (name, value) in environment where name.hasPrefix("RING_") {
            var value = value[...]
            // A carriage return with a line feed is one character.
            if value.last == "\n" || value.last == "\r\n" { value.removeLast() }
            let trimmed = value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            if trimmed.count != value.count { blanks.insert(name) }
            environment[name] = String(trimmed)
        }
        return (environment, blanks)
    }

    /// All variables.
    var allVariables: [String: String] { self.environment }

    /// A variable that is set and not empty.
    func variable(_ name: String) -> String? {
        guard let value = self.environment[name], !value.isEmpty else { return nil }
        return value
    }

    /// A secret this command cannot do without.
    ///
    /// - Throws: `UsageError` when the variable is missing or empty.
    func secret(_ name: String) throws -> String {
        guard let value = self.variable(name) else {
            throw UsageError("\(name) is not set in the environment, or is empty; this command needs it")
        }
        return value
    }

    private static func origin(_ text: String, _ flag: String) throws -> URL {
        guard let url = URL(string: text, encodingInvalidCharacters: false), url.host()?.isEmpty == false,
            url.user() == nil, url.password() == nil, url.query() == nil
        else { throw UsageError("\(flag) takes a URL such as https://host") }
        guard RingURL.isSecure(url) else {
            throw UsageError("\(flag): only https, or http to loopback, is used; the token would go out in the clear")
        }
        return url
    }

    private static func defaultStore(_ environment: [String: String]) -> String {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/ringctl/ring.sqlite" }
        return (environment["HOME"] ?? ".") + "/.local/state/ringctl/ring.sqlite"
    }
}
