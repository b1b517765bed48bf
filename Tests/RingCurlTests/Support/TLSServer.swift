#if canImport(CRingTestTLS)
import CRingTestTLS
import RingTesting

/// What a TLS server of the tests speaks, and as whom. `@unchecked Sendable`: it is set up in the initialiser and only read
/// afterwards, which OpenSSL allows on any thread.
@safe final class TLSContext: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer

    /// - Parameters:
    ///   - versions: The lowest and the highest version it speaks, by OpenSSL's numbers.
    ///   - speaksHTTP2: Whether it takes HTTP/2 alone, by ALPN.
    init(
        certificate: String, key: String, versions: ClosedRange<Int32> = TLS1_2_VERSION...TLS1_3_VERSION,
        speaksHTTP2: Bool = false
    ) throws {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw RawServerError("making TLS") }
        unsafe self.pointer = context
        // Versions before 1.2 sign with what OpenSSL has long taken for unsafe.
        if versions.lowerBound < TLS1_2_VERSION { unsafe SSL_CTX_set_security_level(context, 0) }
        unsafe ring_tls_set_versions(context, versions.lowerBound, versions.upperBound)
        if speaksHTTP2 { unsafe ring_tls_demand_http2(context) }
        guard unsafe SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        else { throw RawServerError("reading the certificate") }
    }

    deinit { unsafe SSL_CTX_free(self.pointer) }
}

/// The server's side of one TLS connection, for the thread of its `RawConnection`.
@safe final class TLSConnection {
    private let raw: RawConnection
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// Greets the client.
    ///
    /// - Throws: `RawServerError` when the two come to no terms.
    init(_ raw: RawConnection, _ context: TLSContext) throws {
        guard let ssl = unsafe SSL_new(context.pointer), let incoming = unsafe BIO_new(BIO_s_mem()),
            let outgoing = unsafe BIO_new(BIO_s_mem())
        else { throw RawServerError("making a TLS connection") }
        self.raw = raw
        unsafe self.ssl = ssl
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_accept_state(ssl)
        guard try self.untilDone({ unsafe SSL_do_handshake(ssl) }) > 0 else { throw RawServerError("greeting") }
    }

    deinit { unsafe SSL_free(self.ssl) }

    /// The version both agreed on: `TLSv1.3`.
    var version: String { unsafe String(cString: SSL_get_version(self.ssl)) }

    /// Reads whatever has arrived, waiting for it; `nil` when the client ended the connection.
    func read() throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1 << 15)
        let count = try self.untilDone { unsafe SSL_read(self.ssl, &bytes, Int32(bytes.count)) }
        return count > 0 ? Array(bytes[..<Int(count)]) : nil
    }

    /// Writes all of it, in one go where it fits a TLS record.
    func write(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        guard try self.untilDone({ unsafe SSL_write(self.ssl, bytes, Int32(bytes.count)) }) > 0 else {
            throw RawServerError("writing over TLS")
        }
    }

    /// Does something, and carries bytes between OpenSSL and the connection while that is what it waits for.
    private func untilDone(_ work: () -> Int32) throws -> Int32 {
        while true {
            ERR_clear_error()
            let result = work()
            let problem = unsafe SSL_get_error(self.ssl, result)
            try self.flush()
            guard problem == SSL_ERROR_WANT_READ else { return result }
            guard let some = self.raw.readSome() else { return 0 }
            unsafe BIO_write(self.incoming, some, Int32(some.count))
        }
    }

    private func flush() throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 15)
        while true {
            let count = unsafe BIO_read(self.outgoing, &bytes, Int32(bytes.count))
            guard count > 0 else { return }
            try self.raw.write(Array(bytes[..<Int(count)]))
        }
    }
}
#endif
