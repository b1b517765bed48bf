public import RingCore

/// Decides whether a session may be opened: one per device, a maximum over all accounts, a battery budget per hour.
///
/// Share one governor between all clients of a process. It never waits: a refusal says when to try again.
public actor WHEPGovernor {
    private struct Place {
        var device: RingDeviceID
        var since: Duration
        /// When the session has certainly ended, for places of sessions that could not be closed.
        var until: Duration?
        var countsForBudget: Bool
    }

    private struct Usage {
        var start: Duration
        var end: Duration
    }

    private let limits: WHEPGovernorLimits
    private let clock: any RingClock
    private var places: [Int: Place] = [:]
    private var blocks: [WHEPSessionRecord.ID: Int] = [:]
    private var usage: [RingDeviceID: [Usage]] = [:]
    private var nextID = 0
    private static let hour = Duration.seconds(3600)

    /// Creates a governor.
    ///
    /// - Parameters:
    ///   - limits: The limits.
    ///   - clock: The source of time; `nil` for the machine's own clocks.
    public init(limits: WHEPGovernorLimits = WHEPGovernorLimits(), clock: (any RingClock)? = nil) {
        self.limits = limits
        self.clock = clock ?? RingSystemClock()
    }

    /// The number of sessions that hold a place.
    package var openSessionCount: Int {
        self.expire()
        return self.places.count
    }

    /// Gives a place to a session.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - power: How it is powered; `unknown` counts as a battery.
    ///   - overlapping: Whether the session replaces one that is open on the same device, as in a chain.
    /// - Throws: `RingError` with `liveSessionBusy` or `liveBudgetSpent`, and the time to wait when it is known.
    package func admit(
        _ device: RingDeviceID, power: RingPowerSource, overlapping: Bool = false
    ) throws -> WHEPAdmission {
        self.expire()
        let now = self.clock.uptime()
        let onDevice = self.places.values.filter { $0.device == device }
        guard onDevice.count < (overlapping ? 2 : 1) else {
            throw RingError(
                code: .liveSessionBusy, message: "a live session is open on this device; close it, or wait for its end",
                operation: .startLive, retryAfter: onDevice.compactMap(\.until).min().map { $0 - now })
        }
        guard self.places.count < self.limits.maximumSessionCount else {
            throw RingError(
                code: .liveSessionBusy,
                message: "\(self.places.count) live sessions are open, which is the maximum; raise it or close some",
                operation: .startLive)
        }
        let countsForBudget = power != .mains && self.limits.batteryBudget != nil
        let allowance = countsForBudget ? try self.allowance(device, at: now) : nil
        self.nextID += 1
        self.places[self.nextID] = Place(device: device, since: now, until: nil, countsForBudget: countsForBudget)
        return WHEPAdmission(id: self.nextID, allowance: allowance)
    }

    /// Releases a place. A second call has no effect.
    ///
    /// - Parameters:
    ///   - admission: The place.
    ///   - delay: How long the device stays reserved, because the session could not be closed or its state is unknown.
    package func release(_ admission: WHEPAdmission, after delay: Duration = .zero) {
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

    /// Reserves a device for a time, because a session of another process may still run.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - duration: How long.
    ///   - record: The session's record. A second call with the same record changes the end and takes no further place.
    func block(_ device: RingDeviceID, for duration: Duration, record: WHEPSessionRecord.ID? = nil) {
        guard duration > .zero else { return }
        let now = self.clock.uptime()
        if let record, let id = self.blocks[record] { self.places[id] = nil }
        self.nextID += 1
        self.places[self.nextID] = Place(device: device, since: now, until: now + duration, countsForBudget: false)
        if let record { self.blocks[record] = self.nextID }
    }

    /// Ends the reservation of ``block(_:for:record:)``, because the session is over.
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
        guard left >= min(self.limits.minimumDuration, budget) else {
            throw RingError(
                code: .liveBudgetSpent,
                message: "the live video budget of this battery device is used up for this hour; wait, or raise it",
                operation: .startLive, retryAfter: kept.map(\.end).min().map { $0 + Self.hour - now })
        }
        return left
    }

    private func expire() {
        let now = self.clock.uptime()
        self.places = self.places.filter { $0.value.until.map { $0 > now } ?? true }
        self.blocks = self.blocks.filter { self.places[$0.value] != nil }
        // Devices without a session in the last hour are removed.
        if self.usage.count > 1_000 {
            self.usage = self.usage.filter { $0.value.contains { $0.end > now - Self.hour } }
        }
    }
}

/// The limits of a governor.
public struct WHEPGovernorLimits: Hashable, Sendable {
    /// The maximum number of sessions at one time over all accounts that share the governor.
    public var maximumSessionCount: Int
    /// The maximum live video of one battery device within an hour. Devices of unknown power count as battery devices.
    ///
    /// Live video uses more battery than anything else a camera does. `nil` sets no budget.
    public var batteryBudget: Duration?
    /// The minimum duration for which a session is opened when the budget is nearly used up.
    public var minimumDuration: Duration

    /// Creates limits.
    public init(
        maximumSessionCount: Int = 100, batteryBudget: Duration? = .seconds(600),
        minimumDuration: Duration = .seconds(10)
    ) {
        self.maximumSessionCount = max(1, maximumSessionCount)
        self.batteryBudget = batteryBudget
        self.minimumDuration = minimumDuration
    }

    /// No budget and no maximum.
    package static let none = Self(maximumSessionCount: .max, batteryBudget: nil)
}

/// A place that the governor has given to one session.
package struct WHEPAdmission: Hashable, Sendable {
    let id: Int
    /// The maximum duration of the session because of the battery budget; `nil` without a budget.
    package let allowance: Duration?
}
