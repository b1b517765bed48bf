/// Whether one kind of request for media makes sense for a device now, judged without asking Ring.
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

    /// Why a request would fail or give nothing. A minor release may add reasons, so a `switch` needs a `default`.
    public struct Obstacle: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case noCamera, offline, encrypted, notAChime, snoozed }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The reason in one word.
        public var description: String { self.value.rawValue }

        /// The device has no camera.
        public static let noCamera = Self(.noCamera)
        /// The device cannot be reached: a live session would be answered with 503.
        public static let offline = Self(.offline)
        /// The user has encrypted the media: what comes cannot be read.
        public static let encrypted = Self(.encrypted)
        /// The device plays no sounds.
        public static let notAChime = Self(.notAChime)
        /// The chime is silenced.
        public static let snoozed = Self(.snoozed)
    }

    /// The kind of request.
    public var request: Request
    /// What stands in its way; empty when it makes sense.
    public var obstacles: [Obstacle]
    /// Whether the request must name one of the device's lenses.
    public var needsComponent: Bool

    /// Creates an advice.
    public init(request: Request, obstacles: [Obstacle] = [], needsComponent: Bool = false) {
        self.request = request
        self.obstacles = obstacles
        self.needsComponent = needsComponent
    }

    /// Whether nothing stands in its way.
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
        // Stored media of an offline device may still be there.
        if request == .live || request == .chime, self.reachability.state == .offline { obstacles.append(.offline) }
        let hasLenses = self.capabilities?.components.isEmpty == false
        return RingMediaAdvice(
            request: request, obstacles: obstacles, needsComponent: hasLenses && request != .chime)
    }

    /// The kinds of request that make sense now.
    public var sensibleMediaRequests: [RingMediaAdvice.Request] {
        RingMediaAdvice.Request.allCases.filter { self.advice(on: $0).makesSense }
    }
}
