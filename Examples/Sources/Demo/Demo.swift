import Foundation
import RingPartner

/// The main road, in front of a person who reads along: link, list, hear of motion, fetch its clip, go live.
///
/// Against the simulator by itself; with RING_CLIENT_ID, RING_CLIENT_SECRET and RING_REFRESH_TOKEN (or RING_ACCESS_TOKEN)
/// in the environment, the same calls go to the real service.
@main
struct Demo {
    static func main() async {
        let stage = Stage()
        do {
            let environment = ProcessInfo.processInfo.environment
            if environment["RING_ACCESS_TOKEN"] != nil || environment["RING_REFRESH_TOKEN"] != nil {
                try await RealRoad(stage: stage).walk()
            } else {
                try await SimulatedRoad.walk(stage)
            }
            stage.close()
        } catch let error as RingError {
            stage.fail("\(error)")
        } catch {
            stage.fail("\(error)")
        }
    }
}
