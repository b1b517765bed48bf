import RingListener
import RingPartner

extension RingListenerRequest {
    /// The header fields as this package's handlers take them.
    public var ringFields: RingHTTPFields {
        RingHTTPFields(self.headers.fields.map { RingHTTPField(name: .init($0.name), value: $0.value) })
    }
}

extension RingListenerResponse {
    /// A page for a person.
    public static func page(_ status: Int, _ html: String) -> RingListenerResponse {
        RingListenerResponse(status: status, contentType: "text/html; charset=utf-8", text: html)
    }
}
