/// A response's status and header fields, before its body.
package struct RingHTTPResponseHead: Hashable, Sendable {
    package var status: Int
    package var headerFields: RingHTTPFields
    /// The number of bytes of the body that follows; `nil` when it is not known.
    package var bodyLength: Int64?

    /// - Parameters:
    ///   - announced: The body's length by its header field, if it is valid.
    ///   - isHead: Whether the request's method was HEAD, which has no body in its response.
    ///   - inflates: Whether the transport inflates a compressed body. Then the fields that describe the compressed body
    ///     are left out.
    package init(status: Int, headerFields: RingHTTPFields, announced: Int64?, isHead: Bool, inflates: Bool) {
        let isInflated = inflates && headerFields[.contentEncoding].map { $0.lowercased() != "identity" } ?? false
        self.status = status
        self.headerFields =
            isInflated
            ? RingHTTPFields(headerFields.filter { $0.name != .contentLength && $0.name != .contentEncoding })
            : headerFields
        if isHead || status == 204 || status == 304 {
            self.bodyLength = 0
        } else {
            self.bodyLength = isInflated || headerFields[.transferEncoding] != nil ? nil : announced
        }
    }
}

extension RingHTTPField.Name {
    package static let acceptEncoding = Self("Accept-Encoding")
    package static let contentEncoding = Self("Content-Encoding")
    package static let transferEncoding = Self("Transfer-Encoding")
}
