// The C library declares its standard output as a variable.
@preconcurrency import Foundation
import RingPartner

/// An example: what it does, and how it fails: one line on standard error, status 2 for missing or unreadable settings and 1 for
/// everything else.
public protocol Program {
    /// What it does.
    static func run() async throws
}

extension Program {
    /// Runs it.
    public static func main() async {
        // A line at a time also into a file or a pipe, where a log reader waits for it.
        setvbuf(stdout, nil, _IOLBF, 0)
        do {
            try await Self.run()
        } catch let error as RingConfigurationError {
            Self.fail("\(error)", status: 2)
        } catch let error as RingError {
            // The message says what to do and contains no secret.
            Self.fail(error.message, status: 1)
        } catch {
            Self.fail("\(error)", status: 1)
        }
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        FileHandle.standardError.write(Data("\(Self.self): \(line)\n".utf8))
        exit(status)
    }
}
