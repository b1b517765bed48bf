internal import RingCore
internal import RingJSONAPI

extension MediaReader {
    /// Checks the beginning of a successful response.
    ///
    /// - Parameter request: The GET that was sent; `nil` when the POST itself returned the media.
    /// - Throws: `RingError` when the body is not media.
    static func begin(
        _ response: RingHTTPResponse, of request: (RingHTTPRequest, RingRequestContext)?, session: MediaSession,
        downloads: any RingTransport, meter: RingMediaProgressMeter?, endsMeter: Bool
    ) async throws -> sending MediaReader {
        let target = session.target
        let operation = request == nil ? target.request : target.download
        var info = RingMediaInfo(response, requested: target.duration, contentType: response.mediaType ?? "")
        func fail(_ code: RingError.Code, _ message: String) -> RingError {
            RingError(
                code: code, message: message, operation: operation, status: response.status,
                requestID: response.requestID, delivery: .responded)
        }
        try Self.checkFraming(response, info: info, fail: fail)
        if let length = info.length, length > session.options.maximumBytes {
            throw fail(
                .responseTooLarge,
                "\(length) bytes are announced, and \(session.options.maximumBytes) are allowed; raise the maximum if such "
                    + "media is expected")
        }
        meter?.begin(total: info.length)
        var iterator = response.body.makeAsyncIterator()
        var head: [[UInt8]] = []
        var bytes: [UInt8] = []
        do {
            while bytes.count < MediaKind.headLength, let chunk = try await iterator.next() {
                head.append(chunk)
                bytes.append(contentsOf: chunk.prefix(MediaKind.headLength))
            }
        } catch let error as RingError {
            throw error.during(operation)
        }
        let kind = MediaKind(head: bytes, contentType: response.mediaType)
        guard target.accepts(kind), var inspector = MediaInspector(kind) else {
            throw await Self.refusal(
                kind, response, head: head, rest: iterator, wanted: target.kind == .clip ? "MP4" : "JPEG or PNG",
                flawed: { $0.error(operation, info) }, fail: fail)
        }
        info.detectedType = kind.contentType(head: bytes)
        if info.contentType.isEmpty || info.contentType == "application/octet-stream" {
            info.contentType = info.detectedType
        }
        for chunk in head {
            do { try inspector.feed(chunk) } catch { throw error.error(operation, info) }
        }
        return MediaReader(
            info: info, session: session, downloads: downloads, meter: meter, endsMeter: endsMeter,
            operation: operation,
            resumption: MediaResumption(response, of: request, length: info.length), iterator: iterator,
            inspector: inspector, head: head)
    }

    private static func checkFraming(
        _ response: RingHTTPResponse, info: RingMediaInfo, fail: (RingError.Code, String) -> RingError
    ) throws {
        if let packed = response.headerFields[.contentEncoding]?.trimmed.lowercased(), packed != "identity",
            !packed.isEmpty
        {
            throw fail(.malformedResponse, "the media has a content coding, although none was accepted")
        }
        // Ring's 206 is not a byte range. When it has one nevertheless, it must be the whole file.
        if response.status == 206, let field = response.headerFields[.contentRange] {
            guard let range = ContentRange(field), range.first == 0, let total = range.total, range.last == total - 1,
                info.length == nil || info.length == total
            else {
                throw fail(
                    .malformedResponse, "the response has a part of the file, although the whole file was requested")
            }
        }
    }

    /// The error for a body that is not media of the requested kind.
    private static func refusal(
        _ kind: MediaKind, _ response: RingHTTPResponse, head: [[UInt8]], rest: RingHTTPBody.Iterator,
        wanted: String, flawed: (MediaFlaw) -> RingError, fail: (RingError.Code, String) -> RingError
    ) async -> RingError {
        switch kind {
        case .tooShort:
            let count = head.reduce(0) { $0 + $1.count }
            return fail(
                .mediaTruncated,
                "the media is truncated: it ends after \(count) bytes, before its type can be determined")
        case .unknown: return flawed(.unreadable("its beginning is not that of \(wanted)"))
        default:
            let found = kind == .text ? Self.textName(response.mediaType) : kind.contentType
            var error = fail(.notMedia, "the response is not \(wanted), it is \(found); nothing of it was kept")
            error.errors = await Self.errorObjects(head: head, rest: rest)
            return error
        }
    }

    /// A server's media type of a text, cleaned for a log line.
    private static func textName(_ mediaType: String?) -> String {
        guard let mediaType, !mediaType.isEmpty else { return "text" }
        let plain = mediaType.prefix(60).filter { $0.isASCII && ($0.isLetter || $0.isNumber || "/+-.".contains($0)) }
        return "text of the type \(plain)"
    }

    /// The error objects of a JSON body in place of media; empty for any other body.
    static func errorObjects(head: [[UInt8]], rest: RingHTTPBody.Iterator) async -> [JSONAPIErrorObject] {
        var bytes = Array(head.joined())
        var rest = rest
        while bytes.count <= 64 * 1024, let chunk = try? await rest.next() {
            bytes.append(contentsOf: chunk)
        }
        guard bytes.count <= 64 * 1024 else { return [] }
        return (try? JSONAPIDocument(parsing: bytes))?.errors ?? []
    }
}

extension MediaFlaw {
    func error(_ operation: RingOperation, _ info: RingMediaInfo) -> RingError {
        switch self {
        case .truncated(let flaw):
            return RingError(
                code: .mediaTruncated, message: "the media is truncated: \(flaw); nothing of it was kept",
                operation: operation, requestID: info.requestID, delivery: .responded)
        case .damaged(let flaw):
            return RingError(
                code: .mediaDamaged,
                message: "the media is damaged: \(flaw); another request does not help, and nothing of it was kept",
                operation: operation, requestID: info.requestID, delivery: .responded)
        case .unreadable(let flaw):
            return RingError(
                code: .mediaUnreadable,
                message: "the media cannot be read: \(flaw); the device is most likely encrypted with a key that was "
                    + "deleted (TAKE), so nothing of it was kept",
                operation: operation, requestID: info.requestID, delivery: .responded)
        }
    }
}
