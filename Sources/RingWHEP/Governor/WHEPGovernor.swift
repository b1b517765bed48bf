public import RingCore

/// Decides whether a session may be opened: one a device, a cap over all accounts, a battery budget an hour.
///
/// Share one governor between all clients of a process. It waits for nobody: who is refused learns when to come back.
public actor WHEPGovernor {
    private struct Place {
        var device: RingDeviceID
        var since: Duration
        /// When the session has surely ended, for places that were not given back in order.
        var until: Duration?
        var countsForBudget: Bool
    }

    private struct Usage {
        var start: Duration
        var end: Duration
    }

    /// What is allowed.
    public nonisolated let limits: WHEPGovernorLimits
    private let clock: any RingClock
    private var places: [Int: Place] = [:]
    private var blocks: [WHEPSessionRecord.ID: Int] = [:]
    private var usage: [RingDeviceID: [Usage]] = [:]
    private var nextID = 0
    private static let hour = Duration.seconds(3600)

    /// Creates a governor.
    public init(limits: WHEPGovernorLimits = WHEPGovernorLimits(), clock: any RingClock = RingSystemClock()) {
        self.limits = limits
        self.clock = clock
    }

    /// The number of sessions that hold a place.
    public var openSessions: Int {
        self.expire()
        return self.places.count
    }

    /// Gives a place to a session.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - power: How it is powered; `unknown` counts as battery.
    ///   - overlapping: Whether the session takes over from one that is open on the same device, as in a chain.
    /// - Throws: `RingError` with `liveSessionBusy` or `liveBudgetSpent`, and the time to wait when it is known.
    public func admit(
        _ device: RingDeviceID, power: RingPowerSource, overlapping: Bool = false
    ) throws -> WHEPAdmission {
        self.expire()
        let now = self.clock.uptime()
        let here = self.places.values.filter { $0.device == device }
        guard here.count < (overlapping ? 2 : 1) else {
            throw RingError(
                code: .liveSessionBusy, message: "a live session is open on this device; close it, or wait for its end",
                operation: .startLive, retryAfter: here.compactMap(\.until).min().map { $0 - now })
        }
        guard self.places.count < self.limits.maximumSessions else {
            throw RingError(
                code: .liveSessionBusy,
                message: "\(self.places.count) live sessions are open, which is the cap; raise it or close some",
                operation: .startLive)
        }
        let countsForBudget = power != .mains && self.limits.batteryBudget != nil
        let allowance = countsForBudget ? try self.allowance(device, at: now) : nil
        self.nextID += 1
        self.places[self.nextID] = Place(device: device, since: now, until: nil, countsForBudget: countsForBudget)
        return WHEPAdmission(id: self.nextID, device: device, allowance: allowance)
    }

    /// Takes a place back. Doing it twice is harmless.
    ///
    /// - Parameters:
    ///   - admission: The place.
    ///   - delay: How long the device stays taken, because the session could not be closed or its fate is not known.
    public func release(_ admission: WHEPAdmission, after delay: Duration = .zero) {
        guard var place = self.places[admission.id], place.until == nil else { return }
        let now = self.clock.uptime()
        if place.countsForBudget {
            self.usage[place.device, default: []].append(Usage(start: place.since, end: now + max(delay, .zero)))
        }
        if delay > .zero {
            place.until = now + delay
            place.countsForBudget = false
            self.places[admission.id] = place
        } else {
            self.places[admission.id] = nil
        }
    }

    /// Keeps a device taken for a while: a session of another process may still run.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - duration: How long.
    ///   - record: The session's record. Blocking the same one again changes its end and takes no further place.
    public func block(_ device: RingDeviceID, for duration: Duration, record: WHEPSessionRecord.ID? = nil) {
        guard duration > .zero else { return }
        let now = self.clock.uptime()
        if let record, let id = self.blocks[record] { self.places[id] = nil }
        self.nextID += 1
        self.places[self.nextID] = Place(device: device, since: now, until: now + duration, countsForBudget: false)
        if let record { self.blocks[record] = self.nextID }
    }

    /// Ends a block: the session is over.
    func unblock(_ record: WHEPSessionRecord.ID) {
        guard let id = self.blocks.removeValue(forKey: record) else { return }
        self.places[id] = nil
    }

    private func allowance(_ device: RingDeviceID, at now: Duration) throws -> Duration? {
        guard let budget = self.limits.batteryBudget else { return nil }
        let kept = (self.usage[device] ?? []).filter { $0.end > now - Self.hour }
        self.usage[device] = kept.isEmpty ? nil : kept
        let open = self.places.values.filter { $0.device == device && $0.countsForBudget }
            .map { Usage(start: $0.since, end: now) }
        let used = (kept + open).reduce(Duration.zero) { $0 + ($1.end - max($1.start, now - Self.hour)) }
        let left = budget - used
        guard left >= min(self.limits.shortestSession, budget) else {
            throw RingError(
                code: .liveBudgetSpent,
                message: "this battery device's live video of the hour is used up; wait, or raise the budget",
                operation: .startLive, retryAfter: kept.map(\.end).min().map { $0 + Self.hour - now })
        }
        return left
    }

    private func expire() {
        let now = self.clock.uptime()
        self.places = self.places.filter { $0.value.until.map { $0 > now } ?? true }
        self.blocks = self.blocks.filter { self.places[$0.value] != nil }
        // Devices that were not seen for an hour are forgotten.
        if self.usage.count > 1_000 {
            self.usage = self.usage.filter { $0.value.contains { $0.end > now - Self.hour } }
        }
    }
}
