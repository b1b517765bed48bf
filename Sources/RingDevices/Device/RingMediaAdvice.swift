/// Whether one kind of request for media makes sense for a device now, judged without a request to Ring.
public struct RingMediaAdvice: Hashable, Sendable {
    /// A kind of request.
    public enum Request: String, Hashable, Sendable, CaseIterable {
        /// A live session over WHEP.
        case live
        /// A clip of a time range.
        case clip
        /// A still of a moment, or the latest one.
        case still
        /// A sound on a chime.
        case chime
    }

    /// Why a request would fail or give nothing.
    public enum Obstacle: String, Hashable, Sendable, CaseIterable {
        /// The device has no camera.
        case noCamera
        /// The device cannot be reached: a live session would get the status 503.
        case offline
        /// The device has never reported to Ring: there is nothing to fetch from it yet.
        case neverReported
        /// The user has encrypted the media: its content cannot be read.
        case encrypted
        /// The device plays no sounds.
        case notAChime
        /// The chime is silenced.
        case snoozed
    }

    /// The kind of request.
    package var request: Request
    /// Why it would fail; empty when it makes sense.
    public var obstacles: [Obstacle]
    /// Whether the request must name one of the device's lenses.
    public var needsComponent: Bool

    package init(request: Request, obstacles: [Obstacle] = [], needsComponent: Bool = false) {
        self.request = request
        self.obstacles = obstacles
        self.needsComponent = needsComponent
    }

    /// Whether nothing is known that would make it fail.
    public var makesSense: Bool { self.obstacles.isEmpty }
}

extension RingDevice {
    /// Judges a kind of request from what was included. What was not included is no obstacle.
    public func advice(on request: RingMediaAdvice.Request) -> RingMediaAdvice {
        var obstacles: [RingMediaAdvice.Obstacle] = []
        if request == .chime {
            if self.capabilities?.audioActions.contains(.chimePlay) == false { obstacles.append(.notAChime) }
            if self.status?.snooze?.isActive == true { obstacles.append(.snoozed) }
        } else {
            if self.capabilities?.hasCamera == false { obstacles.append(.noCamera) }
            if self.isEncrypted == true { obstacles.append(.encrypted) }
        }
        switch self.reachability.state {
        // Stored media of an offline device may still be there.
        case .offline: if request == .live || request == .chime { obstacles.append(.offline) }
        case .neverReported: obstacles.append(.neverReported)
        case .online, .unknown: break
        }
        let hasLenses = self.capabilities?.components.isEmpty == false
        return RingMediaAdvice(
            request: request, obstacles: obstacles, needsComponent: hasLenses && request != .chime)
    }

    /// The kinds of request that make sense now.
    public var sensibleMediaRequests: [RingMediaAdvice.Request] {
        RingMediaAdvice.Request.allCases.filter { self.advice(on: $0).makesSense }
    }
}
