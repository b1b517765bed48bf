import Foundation
import RingCore
import RingCrypto
import RingListener
import RingPostgres
import RingSQLite
import RingTesting
import RingWebhooks

/// A small webhook service for the test that kills it: `InboxCrashProbe FILE MILLISECONDS`, or
/// `InboxCrashProbe URL MILLISECONDS SCHEMA`.
///
/// `CLOCK_AHEAD` sets how many seconds its date is ahead, and `FAIL_FIRST` lets the first run for each event fail. Prints `listening PORT`, then `handled REQUEST ATTEMPT` for each event, after a handler that takes that long. When its
/// standard input ends it works until nothing waits, prints `drained DONE`, and ends.
@main
struct InboxCrashProbe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let milliseconds = Int(arguments[2]) ?? 0
        let variables = ProcessInfo.processInfo.environment
        let environment = RingEnvironment(clock: RingSystemClock(ahead: Double(variables["CLOCK_AHEAD"] ?? "") ?? 0))
        let failsFirst = variables["FAIL_FIRST"] != nil
        let database = try await Self.open(arguments, environment)
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(key: WebhookSigner.testKey), storage: database,
            sealing: try RingSealingKeyRing(active: RingSealingKey(bytes: Array(repeating: 7, count: 32))),
            environment: environment
        ) { delivery in
            if failsFirst, delivery.attempt == 1 { throw CocoaError(.userCancelled) }
            try await Task.sleep(for: .milliseconds(milliseconds))
            Self.say("handled \(delivery.key.requestID) \(delivery.attempt)")
        }
        let listener = try await RingListener.start { await inbox.handle($0) }
        let work = Task { await inbox.run() }
        Self.say("listening \(listener.port)")
        await Task.detached { while !FileHandle.standardInput.availableData.isEmpty {} }.value
        await listener.stop()
        while true {
            let counts = try await inbox.counts()
            if counts.waiting + counts.running == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        let done = try await inbox.counts().done
        await inbox.shutdown(within: .seconds(30))
        await work.value
        await database.close()
        Self.say("drained \(done)")
    }

    private static func open(_ arguments: [String], _ environment: RingEnvironment) async throws -> any RingStorage {
        guard arguments.count > 3 else { return try await RingSQLiteDatabase.open(.file(arguments[1])) }
        var options = RingPostgresOptions()
        options.schema = arguments[3]
        return try await RingPostgresDatabase.open(
            arguments[1], options: options, machine: .current, environment: environment)
    }

    private static func say(_ line: String) {
        // One write, so that lines of several tasks do not mix, and a line is complete or absent when the process is killed.
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
