internal import RingCore
internal import Synchronization

/// The open streams. A place is free again when its stream ends, or was never read.
final class StreamPlaces: Sendable {
    final class Place: Sendable {
        private let places: StreamPlaces
        fileprivate init(_ places: StreamPlaces) { self.places = places }
        deinit {
            self.places.open.withLock { $0 -= 1 }
            self.places.changed.signal()
        }
    }

    private let open = Mutex(0)
    private let changed = RingSignal()

    /// Waits until so many are open.
    func wait(for count: Int) async { await self.changed.wait(until: { self.open.withLock { $0 == count } }) }

    func take(limit: Int) -> Place? {
        let isFree = self.open.withLock { open in
            guard open < limit else { return false }
            open += 1
            return true
        }
        guard isFree else { return nil }
        self.changed.signal()
        return Place(self)
    }
}
