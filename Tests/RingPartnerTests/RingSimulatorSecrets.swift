import RingSimulator

/// The secrets of the simulated app, as its console would show them.
enum RingSimulatorSecrets {
    static let hmacKey = RingSimulatorConfiguration().hmacKey
    static let clientSecret = RingSimulatorConfiguration().clientSecret
}
