import RingPartner
import RingSQLite
import Support

/// Prints what happens while the devices are listed: every event to an observer, every call with its duration in a middleware.
@main
struct LogRequests: Program {
    static func run() async throws {
        let settings = Settings()
        var configuration = try await RingPartnerConfiguration.fromEnvironment(storage: settings.storage())
        configuration.environment.observer = PrintingObserver()
        configuration.middlewares = [TimingMiddleware()]
        let ring = try RingPartnerClient(configuration)
        let devices = try await settings.account(ring).devices.list()
        print("\(devices.count) devices, \(devices.problems.count) parts that could not be read")
    }
}

/// Writes each event in one line. Put your logger here: no event holds a secret.
struct PrintingObserver: RingObserver {
    func observe(_ event: any RingObservation) {
        let facts = event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        print("\(event.level) \(event.name) \(facts)")
    }
}

/// Times a call with all its waits and retries. Put your span here.
struct TimingMiddleware: RingMiddleware {
    func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        print("\(context.operation) took \(ContinuousClock.now - start)")
        return response
    }
}
