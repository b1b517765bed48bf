public import RingCore
public import RingWHEP

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A live session whose media arrive here.
///
/// It ends when it is closed, before Ring ends it, when the media fail, and when the last reference to it is released. In every case
/// exactly one DELETE is sent. Prefer ``RingLiveClient/withSession(_:options:body:)``, which also waits for the end.
public final class RingLiveSession: Sendable {
    private let session: WHEPSession
    let engine: RingLiveEngine

    init(_ session: WHEPSession, engine: RingLiveEngine) {
        self.session = session
        self.engine = engine
        engine.whenFailed { [weak session] error in
            guard let session else { return }
            // The failure is a callback of GStreamer, which must not wait for the DELETE.
            Task { await session.close(error.endReason) }
        }
    }

    /// The camera.
    public var device: RingDeviceID { self.session.device }
    var feed: LiveFeed { self.engine.feed }
    /// What was received until now.
    public var statistics: RingLiveStatistics { self.engine.statistics }
    /// When Ring ends the session, by its power source.
    public var expiresBy: Date { self.session.expiresBy }
    /// The time until the session is closed from this side.
    public var remaining: Duration { self.session.remaining }
    /// Why the session ended; `nil` while it runs. The word of a ``RingLiveError/Code`` when the media failed.
    public var endReason: WHEPEndReason? { self.session.endReason ?? self.engine.endReason }
    /// The STUN and TURN servers that Ring recommends, for the options of the next session. Wire: `Link` with `rel="ice-server"`.
    public var iceServers: [WHEPICEServer] { self.session.iceServers }

    /// How far the session is. Every call returns a sequence of its own, beginning with the present state.
    public func states() -> AsyncStream<RingLiveState> { self.engine.hub.states() }

    /// Asks the camera for a key frame, for a reader that begins late.
    public func requestKeyFrame() { self.engine.requestKeyFrame() }

    /// Ends the session on the server and here. Can be called any number of times, and goes on when the task is cancelled.
    @discardableResult
    public func close() async -> WHEPCloseOutcome { await self.close(.closed) }

    /// A failure of the media is the reason, when there was one.
    @discardableResult
    package func close(_ reason: WHEPEndReason) async -> WHEPCloseOutcome {
        await self.session.close(self.engine.failure?.endReason ?? reason)
    }

    /// Why the media failed; `nil` while they have not.
    package var failure: RingLiveError? { self.engine.failure }
}

extension RingLiveError {
    fileprivate var endReason: WHEPEndReason { WHEPEndReason(rawValue: self.code.description) }
}
