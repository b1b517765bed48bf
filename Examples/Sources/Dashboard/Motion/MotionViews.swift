import Foundation
import RingLive
import RingPartner
import Synchronization

extension RingLivePicture: LumaPicture {}

/// Motion by zone, measured by this service on pictures that it receives and decodes itself, for as long as a page reads the scores.
///
/// The session ends when the page has gone, at its limit, and with the sign-in.
final class MotionViews: Sendable {
    /// What a page gets for each picture, and at the end: a line of JSON.
    private struct Line: Encodable {
        var picture: Double?
        var zones: [Double?]?
        var ended: String?

        var bytes: [UInt8] {
            // Numbers and texts can always be written.
            ((try? JSONEncoder().encode(self)).map { [UInt8]($0) } ?? []) + [UInt8(ascii: "\n")]
        }
    }

    /// Each of them decodes a video.
    private static let maximumCount = 4

    private let count = Mutex(0)

    /// Opens a session and measures until nobody reads any more.
    ///
    /// - Parameters:
    ///   - device: The camera, with its zones.
    ///   - client: Opens the session.
    ///   - isWanted: Whether its user is still signed in.
    /// - Returns: The lines; `nil` when too many cameras are measured already.
    func lines(
        _ device: Household.Device, _ client: WHEPClient, isWanted: @escaping @Sendable () -> Bool
    ) -> AsyncStream<[UInt8]>? {
        let isAdmitted = self.count.withLock { count in
            guard count < Self.maximumCount else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { return nil }
        // A page that reads slowly gets the newest scores.
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(4))
        let task = Task {
            let end = await Self.measure(device, client, isWanted) { continuation.yield($0.bytes) }
            continuation.yield(Line(ended: end).bytes)
            continuation.finish()
            self.count.withLock { $0 -= 1 }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// - Returns: Why it has ended, for a person.
    private static func measure(
        _ device: Household.Device, _ client: WHEPClient, _ isWanted: @Sendable () -> Bool,
        _ tell: @Sendable (Line) -> Void
    ) async -> String {
        let configurations = device.device.configurations
        var options = RingLiveOptions()
        options.session = WHEPSessionOptions(component: device.component, power: device.device.powerSource)
        do {
            return try await RingLiveClient(client).withSession(device.device.id, options: options) { session in
                var meter = MotionMeter(motion: configurations?.motion?.zones ?? [], image: configurations?.image)
                for try await picture in try await session.pictures(width: 640, maximumRate: 5) {
                    guard isWanted() else { return "Ended with the sign-in" }
                    guard let scores = meter.scores(of: picture) else { continue }
                    tell(Line(picture: scores.picture, zones: scores.zones))
                }
                return session.endReason.map(LiveUpdates.words) ?? "The measurement ended"
            }
        } catch let error as RingError where error.code == .liveSessionBusy {
            return "This camera is shown already: end the live view first"
        } catch let error as RingLiveError {
            WarningObserver.write("motion: \(error.code): \(error.message)")
            return "Not measured: \(error.message)"
        } catch {
            WarningObserver.write("motion: \(error.forLogs)")
            return "Not measured: \(error.forPeople)"
        }
    }
}
