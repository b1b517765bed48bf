public import RingCore
public import RingJSONAPI

/// The Ring user behind an account.
///
/// Wire: the `users` resource of `users/me`. Personal data: its description shows the id only.
public struct RingUser: Hashable, Sendable {
    /// The account's id: stable, and the same as in webhooks. Wire: `data.id`.
    public var id: RingAccountID
    /// Wire: `first_name`. `nil` when Ring leaves it out.
    public var firstName: String?
    /// Wire: `last_name`. `nil` when Ring leaves it out.
    public var lastName: String?
    /// Wire: `email`. `nil` when Ring leaves it out. Users change it: index on ``id``.
    public var email: String?
    /// Wire: `phone_number`. `nil` for many users.
    public var phoneNumber: String?
    /// Every attribute as Ring sent it; `nil` for a value that was not read from a response.
    public var attributes: JSONAPIValue?

    package init(
        id: RingAccountID, firstName: String? = nil, lastName: String? = nil, email: String? = nil,
        phoneNumber: String? = nil
    ) {
        self.id = id
        self.firstName = firstName
        self.lastName = lastName
        self.email = email
        self.phoneNumber = phoneNumber
    }

    /// Reads a `users` resource.
    package init(_ resource: JSONAPIResource) {
        let attributes = resource.attributes
        self.init(
            id: RingAccountID(rawValue: resource.id), firstName: attributes?["first_name"]?.string,
            lastName: attributes?["last_name"]?.string, email: attributes?["email"]?.string,
            phoneNumber: attributes?["phone_number"]?.string)
        self.attributes = attributes
    }
}

extension RingUser: CustomStringConvertible, CustomReflectable {
    /// The id.
    public var description: String { "RingUser(\(self.id))" }
    /// A mirror with the id only.
    public var customMirror: Mirror { Mirror(self, children: ["id": self.id.rawValue]) }
}
