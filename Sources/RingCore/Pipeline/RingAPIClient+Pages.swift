package import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingAPIClient {
    /// Fetches one page of a list.
    ///
    /// - Parameters:
    ///   - link: The link to the page; `nil` for the first one.
    ///   - operation: What it is for.
    ///   - first: Builds the request for the first page.
    ///   - read: Reads the elements of the page.
    /// - Returns: The page. A page whose link to the next one is unreadable is delivered, and followed by the error.
    /// - Throws: As ``document(_:for:)``; `RingError` with ``RingError/Code/malformedResponse`` when there is no list in the
    ///   response, and with ``RingError/Code/redirectRefused`` when the link leaves the API's origin.
    package func page<Element: Sendable>(
        following link: String?, for operation: RingOperation, first: () throws -> RingHTTPRequest,
        read: (JSONAPIDocument) -> [Element]
    ) async throws -> JSONAPIPage<Element> {
        let request = if let link { try self.request(following: link, for: operation) } else { try first() }
        let (document, response) = try await self.documentReply(request, for: operation)
        // A list is promised; a single resource in its place is understood. An empty list beside errors is not an empty list.
        guard !document.resources.isEmpty || (document.isCollection && document.errors.isEmpty) else {
            throw RingError.withoutResources("list", document, during: operation, in: response)
        }
        // A page is empty when Ring sent no elements, not when none could be read.
        let isEmpty = document.resources.isEmpty && document.problems.isEmpty
        let failure: RingError? =
            document.links.hasUnreadableNext && !isEmpty
            ? RingError.malformed(
                """
                the link to the next page of the list is neither a text nor an object with a text; the list goes on, and its \
                rest cannot be fetched: if it persists, report it to Ring
                """, operation, response) : nil
        // A relative link begins where its page is. One that leads elsewhere is refused once it is followed.
        let next = document.links.next.map { next in
            (try? RingURL.url(next, against: request.url, operation: operation))?.absoluteString ?? next
        }
        return JSONAPIPage(elements: read(document), next: next, isEmpty: isEmpty, failure: failure)
    }
}

extension RingError {
    /// The response is a JSON object, but has not the `data` that was requested.
    package static func withoutResources(
        _ what: String, _ document: JSONAPIDocument, during operation: RingOperation, in response: RingHTTPResponse
    ) -> RingError {
        let errors = document.errors
        let detail =
            if let problem = document.problems.first {
                "\(problem.reason) at \(RingPlainName.pointer(problem.path))"
            } else if !errors.isEmpty {
                "errors in place of data"
            } else {
                "no data"
            }
        return RingError.malformed(
            "the response contains no readable \(what) (\(detail)); if it persists, report it to Ring", operation,
            response,
            errors: errors)
    }
}
