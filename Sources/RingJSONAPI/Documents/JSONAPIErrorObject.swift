/// One entry of a document's `errors`. Every member is optional; numbers are accepted where strings are promised.
public struct JSONAPIErrorObject: Hashable, Sendable {
    /// The object as received, with its `links` and `meta`.
    public let raw: JSONAPIValue

    /// - Parameter raw: An element of `errors`.
    package init(_ raw: JSONAPIValue) { self.raw = raw }

    /// This occurrence of the error; support needs it.
    public var id: String? { self.text("id") }
    /// The HTTP status as text: `"404"`.
    public var status: String? { self.text("status") }
    /// The service's code for this kind of error: `MEDIA_NOT_FOUND`.
    public var code: String? { self.text("code") }
    /// The kind of error in words, the same in every occurrence.
    public var title: String? { self.text("title") }
    /// This occurrence in words. Written by the server: it may repeat what was sent.
    public var detail: String? { self.text("detail") }
    /// Where in the request's document the fault is: a JSON pointer, or only a member's name. Wire: `source.pointer`.
    public var sourcePointer: String? { self.raw["source"].flatMap { $0["pointer"]?.string ?? $0.string } }
    /// The query parameter with the fault. Wire: `source.parameter`.
    public var sourceParameter: String? { self.raw["source"]?["parameter"]?.string }
    /// The header of the request with the fault. Wire: `source.header`.
    package var sourceHeader: String? { self.raw["source"]?["header"]?.string }

    private func text(_ name: String) -> String? { self.raw[name].flatMap { $0.string ?? $0.numberText } }
}
