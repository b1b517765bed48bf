/// One entry of a document's `errors`. Every member is optional; numbers are accepted where strings are promised.
public struct JSONAPIErrorObject: Hashable, Sendable {
    /// The object as received.
    public var raw: JSONAPIValue

    /// Reads from a value.
    ///
    /// - Parameter raw: An element of `errors`.
    public init(_ raw: JSONAPIValue) { self.raw = raw }

    /// This occurrence of the error; support asks for it.
    public var id: String? { self.text("id") }
    /// The HTTP status as text: `"404"`.
    public var status: String? { self.text("status") }
    /// The service's code for this kind of error: `MEDIA_NOT_FOUND`.
    public var code: String? { self.text("code") }
    /// The kind of error in words, the same in every occurrence.
    public var title: String? { self.text("title") }
    /// This occurrence in words. Written by the server: it may repeat what was sent.
    public var detail: String? { self.text("detail") }
    /// Where in the request the fault is.
    public var source: Source? { self.raw["source"].map { Source($0) } }
    /// Wire: `links`.
    public var links: JSONAPILinks { JSONAPILinks(self.raw["links"]) }
    /// Wire: `meta`.
    public var meta: JSONAPIValue? { self.raw["meta"] }

    private func text(_ name: String) -> String? { self.raw[name].flatMap { $0.string ?? $0.numberText } }

    /// Where in the request a fault is.
    public struct Source: Hashable, Sendable {
        /// The object as received.
        public var raw: JSONAPIValue

        /// Reads from a value.
        ///
        /// - Parameter raw: The `source` of an error.
        public init(_ raw: JSONAPIValue) { self.raw = raw }

        /// A place in the request's document: a JSON pointer, or only a member's name.
        public var pointer: String? { self.raw["pointer"]?.string ?? self.raw.string }
        /// A query parameter.
        public var parameter: String? { self.raw["parameter"]?.string }
        /// A request header.
        public var header: String? { self.raw["header"]?.string }
    }
}
