import Foundation
import RingCore
import RingCurl

/// A separate process, for what tests cannot do in their own process: fork it, or take its resolver or its
/// descriptors away.
///
/// It prints a line for each thing it has found out; the tests know what the lines should be.
@main struct CurlProbe {
    static func main() {
        // In case of any failure, no test waits for this process forever.
        alarm(50)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch arguments.first {
            case "fork": try ForkProbe(Array(arguments.dropFirst())).run()
            case "copies": try CopyProbe(Array(arguments.dropFirst())).run()
            case "look-ups": try LookUpProbe().run()
            case "descriptors": try DescriptorProbe().run()
            default: throw RingError(code: .invalidArgument, message: "fork, copies, look-ups or descriptors")
            }
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// Does something in a task and waits for it, as a program without `async` does.
    ///
    /// - Parameter executor: Whose thread it runs on; `nil` for Swift's own pool.
    static func wait<Value: Sendable>(
        on executor: RingCurlTransport? = nil, for work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        Task(executorPreference: executor) {
            do { outcome.set(.success(try await work())) } catch { outcome.set(.failure(error)) }
        }
        return try outcome.wait().get()
    }
}
