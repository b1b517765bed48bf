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
        // Warnings and errors are written to standard error; see RING_LOG.
        let ring = try await RingPartnerClient(.fromEnvironment(storage: Settings().storage()))

        var router = RingWebhookRouter()
        router.on(.motionDetected, .buttonPress) { delivery in
            // Store the effect together with `delivery.key`: after a crash a handler runs again.
            print("\(delivery.event.kind) at \(delivery.event.deviceID?.rawValue ?? "?")")
        }
        try await Service.run(ring, router: router)
    }
}
