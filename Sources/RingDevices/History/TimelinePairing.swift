internal import RingCore

/// Finds which webhook belongs to which history entry, for one device and one kind.
internal struct TimelinePairing {
    private let events: [RingHistoryEvent]
    private let starts: [Int64]
    private let sightings: [RingTimelineSighting]
    private let tolerance: Int64

    internal init(
        _ events: [RingHistoryEvent], _ sightings: [RingTimelineSighting], _ tolerance: Duration
    ) {
        self.events = events.sorted {
            ($0.key.startMilliseconds, $0.id.rawValue) < ($1.key.startMilliseconds, $1.id.rawValue)
        }
        self.starts = self.events.map(\.key.startMilliseconds)
        self.sightings = sightings.sorted {
            ($0.key.startMilliseconds, $0.id.rawValue) < ($1.key.startMilliseconds, $1.id.rawValue)
        }
        self.tolerance = tolerance.milliseconds
    }

    private struct Candidate {
        var distance: Int64
        var event: Int
        var sighting: Int
    }

    internal mutating func entries() -> [RingTimelineEntry] {
        var entries = self.events.map { RingTimelineEntry($0) }
        var owner: [Int?] = Array(repeating: nil, count: self.sightings.count)
        var isTaken = Array(repeating: false, count: self.events.count)
        for candidate in self.candidates() where owner[candidate.sighting] == nil && !isTaken[candidate.event] {
            owner[candidate.sighting] = candidate.event
            isTaken[candidate.event] = true
        }
        for (index, sighting) in self.sightings.enumerated() {
            if let event = owner[index] ?? self.surroundingMotion(sighting) {
                entries[event].sightings.append(sighting)
            } else {
                entries.append(RingTimelineEntry(sighting))
            }
        }
        return entries
    }

    /// Pairs that are near enough, nearest first: for each webhook the few entries around it.
    private func candidates() -> [Candidate] {
        var candidates: [Candidate] = []
        for (index, sighting) in self.sightings.enumerated() {
            let time = sighting.key.startMilliseconds
            let next = self.firstStart(atLeast: time)
            // Four on each side are enough: with more in the tolerance the pairs would be arbitrary.
            for event in max(next - 4, 0)..<min(next + 4, self.starts.count) {
                let (difference, overflow) = self.starts[event].subtractingReportingOverflow(time)
                guard !overflow, difference.magnitude <= self.tolerance.magnitude else { continue }
                candidates.append(
                    Candidate(distance: Int64(clamping: difference.magnitude), event: event, sighting: index))
            }
        }
        return candidates.sorted {
            ($0.distance, $0.event, $0.sighting) < ($1.distance, $1.event, $1.sighting)
        }
    }

    /// The recorded motion during which a webhook reported another one. A second press of a bell is an event of its own.
    private func surroundingMotion(_ sighting: RingTimelineSighting) -> Int? {
        guard sighting.key.kind == .motionDetected else { return nil }
        let before = self.firstStart(atLeast: sighting.key.startMilliseconds &+ 1) - 1
        guard self.starts.indices.contains(before), let end = self.events[before].end, end >= sighting.key.start else {
            return nil
        }
        return before
    }

    private func firstStart(atLeast time: Int64) -> Int {
        var (low, high) = (0, self.starts.count)
        while low < high {
            let middle = (low + high) / 2
            if self.starts[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
