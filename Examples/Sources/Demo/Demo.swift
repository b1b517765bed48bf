import Foundation
import RingPartner

/// The main flow, printed step by step: link, list devices, receive motion, fetch its clip, open a live session.
///
/// Without settings it runs against the simulator. With RING_ACCESS_TOKEN in the environment, or with RING_REFRESH_TOKEN and
/// the variables of `RingPartnerConfiguration.fromEnvironment`, the same calls go to the real service.
@main
struct Demo {
    static func main() async {
        let stage = Stage()
        do {
            let environment = ProcessInfo.processInfo.environment
            if environment["RING_ACCESS_TOKEN"] != nil || environment["RING_REFRESH_TOKEN"] != nil {
                try await RealService(stage: stage).run()
            } else {
                try await SimulatedService.run(stage)
            }
            stage.close()
        } catch let error as RingConfigurationError {
            stage.fail("\(error)", status: 2)
        } catch let error as RingError {
            stage.fail("\(error)")
        } catch {
            stage.fail("\(error)")
        }
    }
}
