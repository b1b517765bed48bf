package import RingCore

/// Something that a scenario makes happen by itself, once or more.
package struct ScenarioStep: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// An event at a device or an account.
        case event(RingSimulatorEvent)
        /// The event, at every account.
        case everywhere(RingSimulatorEvent)
        /// Other switches, as a JSON object with some of them.
        case switches(String)
        /// The user removes the app.
        case unlink(RingAccountID)
        /// The state of an account's integration changes.
        case state(RingSimulatorAccount.State, RingAccountID)
    }

    package var action: Action
    /// The simulated time between the beginning and the first time.
    package var delay: Duration
    /// How often it happens; of an event at every account, how often at each.
    package var count = 1
    /// The simulated time between one time and the next.
    package var interval = Duration.zero
}
