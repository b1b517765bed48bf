import Foundation

/// A certificate authority of the tests' own, made with the openssl command.
struct TestCertificates {
    static let openssl = "/usr/bin/openssl"
    static let isAvailable = FileManager.default.isExecutableFile(atPath: Self.openssl)

    let folder: URL
    var authority: String { self.folder.appendingPathComponent("ca.pem").path }
    var key: String { self.folder.appendingPathComponent("key.pem").path }

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("ring-curl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        try self.run("req -x509 \(curve) -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem")
        try self.run("req \(curve) -subj /CN=test-server -keyout key.pem -out server.csr")
    }

    /// Signs a certificate for some names; says where it is.
    func issue(_ names: String, days: Int = 2) throws -> String {
        let name = UUID().uuidString
        try Data("subjectAltName=\(names)\n".utf8).write(to: self.folder.appendingPathComponent("\(name).ext"))
        try self.run(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) -extfile \(name).ext "
                + "-out \(name).pem")
        return self.folder.appendingPathComponent("\(name).pem").path
    }

    func remove() { try? FileManager.default.removeItem(at: self.folder) }

    private func run(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl)
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = self.folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}
