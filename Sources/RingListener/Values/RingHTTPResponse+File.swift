public import RingHTTP

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension RingHTTPResponse {
    /// A file, or the part of it that the request wants: what a player needs to seek in a clip.
    ///
    /// ```swift
    /// let listener = try await RingListener.start { request in
    ///     .file("clips/motion.mp4", contentType: "video/mp4", for: request)
    /// }
    /// ```
    ///
    /// The status is 200; 206 for one range of `Range`, if `If-Range` allows it; 304 for `If-None-Match`; 416 for a range behind the
    /// end. `HEAD` gets the same header fields without the body. Another method gets 405, a path at which there is no file that
    /// can be read 404. The file is opened once and sent in pieces; one that is replaced meanwhile is sent as it was, one that is
    /// shortened ends the connection early, so that no client takes the part for the whole.
    ///
    /// - Parameters:
    ///   - path: The file. It is never part of the response.
    ///   - contentType: The value of `Content-Type`.
    ///   - request: Its method, `Range`, `If-Range` and `If-None-Match` decide.
    public static func file(
        _ path: String, contentType: String, for request: RingHTTPRequest
    ) -> RingHTTPResponse {
        guard request.method == .get || request.method == .head else {
            return RingHTTPResponse(status: 405, headerFields: ["Allow": "GET, HEAD"])
        }
        guard let file = OpenFile(path) else { return RingHTTPResponse(status: 404) }
        var fields: RingHTTPFields = [.contentType: contentType, "Accept-Ranges": "bytes", "ETag": file.entityTag]
        if Self.matches(request.headerFields["If-None-Match"], file.entityTag) {
            return RingHTTPResponse(status: 304, headerFields: ["ETag": file.entityTag])
        }
        var range = RingHTTPRange(request.headerFields["Range"], length: file.length)
        // Another version of the file: the client wants all of the present one.
        if let condition = request.headerFields["If-Range"], condition != file.entityTag { range = .whole }
        if let text = range.contentRange(length: file.length) { fields["Content-Range"] = text }
        let (status, part) =
            switch range {
            case .whole: (200, 0..<file.length)
            case .part(let part): (206, part)
            case .unsatisfiable: (416, Int64(0)..<0)
            }
        let length = Int64(part.count)
        let body =
            request.method == .head
            ? RingHTTPBody(streaming: FilePart(file: file, range: 0..<0), length: length)
            : RingHTTPBody(streaming: FilePart(file: file, range: part), length: length)
        return RingHTTPResponse(status: status, headerFields: fields, body: body)
    }

    /// Whether `If-None-Match` names an entity tag (RFC 9110, section 13.1.2, weak comparison).
    private static func matches(_ field: String?, _ tag: String) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { item in
            let item = item.drop { $0 == " " || $0 == "\t" }
            return item.hasPrefix("*") || item.hasPrefix(tag) || item.hasPrefix("W/" + tag)
        }
    }
}

/// A file that is open for reading until nobody needs it any more.
private final class OpenFile: Sendable {
    let length: Int64
    /// Another one after every change of the file.
    let entityTag: String
    private let descriptor: Int32

    /// - Returns: `nil` when there is no file at the path that can be read.
    init?(_ path: String) {
        // Without blocking: a pipe of this name would wait for its other end.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.length = Int64(info.st_size)
        #if canImport(Darwin)
        let time = info.st_mtimespec
        #else
        let time = info.st_mtim
        #endif
        let parts = [
            UInt64(info.st_ino), UInt64(info.st_size), UInt64(bitPattern: Int64(time.tv_sec)), UInt64(time.tv_nsec),
        ]
        self.entityTag = "\"\(parts.map { String($0, radix: 36) }.joined(separator: "-"))\""
    }

    deinit { close(self.descriptor) }

    /// Reads a piece; empty at the end of the file, `nil` after a failure.
    func read(_ count: Int, at offset: Int64) -> [UInt8]? {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            repeat {
                result = unsafe pread(self.descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            } while result < 0 && errno == EINTR
            filled = max(0, result)
        }
        return result < 0 ? nil : bytes
    }
}

/// The bytes of a part of a file, a piece at a time.
private struct FilePart: AsyncSequence, Sendable {
    let file: OpenFile
    let range: Range<Int64>

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: OpenFile
        var rest: Range<Int64>

        /// - Throws: ``FileShortened`` when the file is shorter than it was, or cannot be read.
        mutating func next() async throws -> [UInt8]? {
            guard !self.rest.isEmpty else { return nil }
            let count = Int(Swift.min(Int64(self.rest.count), 128 << 10))
            guard let piece = self.file.read(count, at: self.rest.lowerBound), !piece.isEmpty else {
                throw FileShortened()
            }
            self.rest = self.rest.lowerBound + Int64(piece.count)..<self.rest.upperBound
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: self.file, rest: self.range) }
}

/// A file became shorter while it was sent.
private struct FileShortened: Error {}
