internal import RingCore

/// Writes one file under a temporary name in the same folder and gives it its final name when it is complete.
///
/// An actor on a thread of its own, see `RingFileExecutor`. Every download ends with ``finish()`` or ``discard()``; a
/// writer that is released without either closes and removes its file.
actor MediaFileWriter {
    private let executor = RingFileExecutor()
    private let destination: RingFileDestination
    private let isDurable: Bool
    private let mode: UInt32
    private let makeDigest: (@Sendable () -> any RingMediaDigest)?
    private var digest: (any RingMediaDigest)?
    private var file: RingOutputFile?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    /// Creates no file yet, because that may have to wait for the disk.
    init(
        _ destination: RingFileDestination, isDurable: Bool, mode: UInt32,
        digest: (@Sendable () -> any RingMediaDigest)?
    ) {
        self.destination = destination
        self.isDurable = isDurable
        self.mode = mode
        self.makeDigest = digest
    }

    /// Reads media to its end and writes each chunk when it arrives, into an empty file: a new one, or that of an earlier
    /// attempt.
    ///
    /// The transfer continues during a write, up to the buffer of the transport; then the sender has to wait.
    func copy(_ reader: sending MediaReader) async throws {
        let file = try self.begin()
        while let chunk = try await reader.next() {
            try file.write(chunk)
            self.digest?.update(chunk)
        }
    }

    /// Forces the file to the disk, gives it its mode and its name, and forces the name to the disk.
    ///
    /// - Returns: The number of bytes and their digest.
    func finish() throws(RingError) -> (bytes: Int64, digest: String?) {
        let file: RingOutputFile
        if let written = self.file { file = written } else { file = try self.begin() }
        try file.finish(mode: self.mode, isDurable: self.isDurable)
        return (file.length, self.digest?.hexadecimal())
    }

    /// Removes the temporary file.
    func discard() { self.file?.discard() }

    private func begin() throws(RingError) -> RingOutputFile {
        let file: RingOutputFile
        if let old = self.file {
            try old.cut(to: 0)
            file = old
        } else {
            file = try RingOutputFile(self.destination, .removable)
            self.file = file
        }
        self.digest = self.makeDigest?()
        return file
    }
}
