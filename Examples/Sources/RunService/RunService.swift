import Foundation
import RingPartner
import RingSQLite
import Support

/// A whole service: the three URLs that Ring calls, the work in the background, and a clean shutdown at SIGTERM or SIGINT, which
/// are `Service` in the folder `Support`.
///
/// Put a TLS proxy in front of it. Several of these processes may share one storage on one machine.
@main
struct RunService: Program {
    static func run() async throws {
        var configuration = try await RingPartnerConfiguration.fromEnvironment(storage: Settings().storage())
        configuration.environment.observer = WarningObserver()
        let ring = try RingPartnerClient(configuration)

        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            // Store the effect together with `delivery.key`: after a crash a handler runs again.
            print("\(delivery.event.kind) at \(delivery.event.deviceID?.rawValue ?? "?")")
        }
        try await Service.run(ring, router: router)
    }
}

/// Prints what somebody should look at. No event contains a secret.
private struct WarningObserver: RingObserver {
    func observe(_ event: any RingObservation) {
        guard event.level == .warning || event.level == .error else { return }
        let attributes = event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        FileHandle.standardError.write(Data("\(event.level) \(event.name) \(attributes)\n".utf8))
    }
}
