internal import RingCore

extension RingMediaClient {
    /// Fetches into a file.
    func file(
        _ session: inout MediaSession, _ path: String, _ meter: RingMediaProgressMeter?
    ) async throws -> RingMediaFile {
        let file = MediaFileWriter(
            try RingFileDestination(path), isDurable: self.options.isDurable, mode: self.options.fileMode,
            digest: self.options.digest)
        do {
            while true {
                let reader = try await self.fetcher.open(&session, meter: meter)
                let info = reader.info
                do {
                    try await file.copy(reader)
                    try Task.checkCancellation()
                    let (bytes, digest) = try await file.finish()
                    return RingMediaFile(path: path, bytes: bytes, digest: digest, info: info)
                } catch let error as RingError {
                    try await session.recover(from: error)
                }
            }
        } catch {
            await file.discard()
            throw error
        }
    }

    /// Fetches into memory.
    func memory(
        _ session: inout MediaSession, _ limit: Int, _ meter: RingMediaProgressMeter?
    ) async throws -> RingMediaData {
        while true {
            let reader = try await self.fetcher.open(&session, meter: meter)
            if let length = reader.info.length, length > Int64(limit) { throw RingError.tooLarge(limit: limit) }
            do {
                var bytes: [UInt8] = []
                if let length = reader.info.length { bytes.reserveCapacity(Int(clamping: length)) }
                while let chunk = try await reader.next() {
                    guard chunk.count <= limit - bytes.count else { throw RingError.tooLarge(limit: limit) }
                    bytes.append(contentsOf: chunk)
                }
                return RingMediaData(bytes: bytes, info: reader.info)
            } catch let error as RingError {
                try await session.recover(from: error)
            }
        }
    }
}

extension RingMediaProgressMeter? {
    /// Runs a transfer and ends the meter's updates with it, however it ends.
    func ending<Value>(_ transfer: () async throws -> Value) async throws -> Value {
        defer { self?.finish() }
        return try await transfer()
    }

    /// Begins a transfer that ends the meter's updates itself, and ends them when the beginning fails.
    func endingOnFailure<Value>(_ beginning: () async throws -> Value) async throws -> Value {
        do { return try await beginning() } catch {
            self?.finish()
            throw error
        }
    }
}
