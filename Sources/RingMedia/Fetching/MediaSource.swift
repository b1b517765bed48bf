/// A transfer that any task may read.
actor MediaSource {
    private let reader: MediaReader

    init(_ reader: sending MediaReader) { self.reader = reader }

    /// The next chunk; `nil` when the media is whole.
    func next() async throws -> [UInt8]? { try await self.reader.next() }
}
