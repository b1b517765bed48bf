import Foundation
import RingCore
import RingSimulator

/// Scenario files: an error names the member, and what is read can be used.
func fuzzScenario(_ bytes: [UInt8]) {
    do throws(RingSimulatorError) {
        let configuration = try RingSimulatorConfiguration(scenario: bytes)
        check(configuration.speed > 0 && configuration.port >= 0, "a scenario can be started")
        let ids = configuration.accounts.flatMap(\.devices).map(\.id).filter { !$0.rawValue.isEmpty }
        check(Set(ids).count == ids.count, "no two devices have one id")
    } catch {
        check(!error.message.isEmpty, "the error says what is wrong")
    }
}
