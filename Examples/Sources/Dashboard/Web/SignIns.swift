import Foundation
import RingPartner
import Synchronization

/// Somebody who is signed in.
struct SignIn: Codable, Sendable {
    var name: String
    /// What a form of this person's pages contains, and a page of anybody else does not know.
    var token: String
    var ends: Date

    /// The user of this service that accounts are linked to.
    var principal: RingPrincipal { RingPrincipal(rawValue: self.name) }

    func hasToken(_ token: String) -> Bool { SignIns.isSame(self.token, token) }

    /// The field that every form of this person's pages has.
    var tokenField: HTML { "<input type=\"hidden\" name=\"csrf\" value=\"\(self.token)\">" }
}

/// Who is signed in, by cookie.
///
/// **A demonstration.** It knows one password or none, and no roles. In your service this is the sign-in that it already has.
final class SignIns: Sendable {
    static let cookie = "ring-dashboard"
    private static let lifetime: TimeInterval = 12 * 3600
    private static let maximumCount = 1000

    /// By the digest of the cookie, so that the file opens no page.
    private let users: Mutex<[String: SignIn]>
    private let password: String?
    private let isSecure: Bool
    private let file: URL

    /// - Parameters:
    ///   - password: What everybody has to enter; `nil` for nothing.
    ///   - isSecure: Whether browsers reach the service by HTTPS.
    ///   - file: Keeps the sign-ins over a restart.
    init(password: String?, isSecure: Bool, file: URL) {
        self.password = password
        self.isSecure = isSecure
        self.file = file
        let kept = (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode([String: SignIn].self, from: $0) }
        // Without the file everybody signs in again, which is all that it is for.
        self.users = Mutex(kept ?? [:])
    }

    func user(of cookie: String) -> SignIn? {
        let key = Self.digest(cookie)
        return self.users.withLock { users in users[key].flatMap { $0.ends > Date() ? $0 : nil } }
    }

    /// Whether somebody is still signed in: a page that stays open may outlive that.
    func isSignedIn(_ user: SignIn) -> Bool {
        self.users.withLock { users in users.values.contains { $0.token == user.token && $0.ends > Date() } }
    }

    var asksForPassword: Bool { self.password != nil }

    /// Signs somebody in.
    ///
    /// - Parameter report: Takes the failure when that could not be stored.
    /// - Returns: The header field for the browser; `nil` when the password is wrong.
    func signIn(_ name: String, password: String, report: (any Error) -> Void) -> String? {
        if let expected = self.password, !Self.isSame(expected, password) { return nil }
        let cookie = Self.random()
        let user = SignIn(name: name, token: Self.random(), ends: Date() + Self.lifetime)
        let failure = self.change { users in
            users = users.filter { $0.value.ends > Date() }
            while users.count >= Self.maximumCount, let first = users.min(by: { $0.value.ends < $1.value.ends }) {
                users[first.key] = nil
            }
            users[Self.digest(cookie)] = user
        }
        // It holds until a restart, and is repeated then.
        if let failure { report(failure) }
        return self.field(cookie, Int(Self.lifetime))
    }

    /// The header field with which a browser forgets its cookie.
    var expiredField: String { self.field("", 0) }

    /// Signs somebody out everywhere.
    ///
    /// - Throws: When that could not be stored: it holds until a restart, and no longer.
    func signOut(_ user: SignIn) throws {
        let failure = self.change { users in users = users.filter { $0.value.name != user.name } }
        guard let failure else { return }
        // Without the file everybody has to sign in again after a restart.
        do { try PrivateFile.remove(self.file) } catch { throw failure }
    }

    /// `Lax`: the browser comes from Ring with a link, and is signed in then. Forms of other pages send no cookie.
    private func field(_ value: String, _ seconds: Int) -> String {
        "\(Self.cookie)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(self.isSecure ? "; Secure" : "")"
    }

    /// - Returns: Why the change could not be stored; it holds in any case.
    private func change(_ body: (inout [String: SignIn]) -> Void) -> (any Error)? {
        self.users.withLock { users in
            body(&users)
            do { try PrivateFile.write(JSONEncoder().encode(users), to: self.file) } catch { return error }
            return nil
        }
    }

    /// Compares all of it, so that the time tells nothing.
    static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Self.digest(left).utf8, Self.digest(right).utf8)
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func digest(_ text: String) -> String {
        var digest = RingMediaSHA256()
        digest.update(Array(text.utf8))
        return digest.hexadecimal()
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next(), radix: 16) }.joined(separator: "-")
    }
}
