/// What every client shares: the clock, the observer, and how large an answer may be.
public struct RingEnvironment: Sendable {
    /// The source of time.
    public var clock: any RingClock
    /// Who takes note of what happens.
    public var observer: any RingObserver
    /// The largest JSON answer that is read, in bytes. A thousand devices with includes are about 3 MB.
    public var documentLimit: Int

    /// Creates an environment.
    public init(
        clock: any RingClock = RingSystemClock(), observer: any RingObserver = RingSilentObserver(),
        documentLimit: Int = 32 * 1024 * 1024
    ) {
        self.clock = clock
        self.observer = observer
        self.documentLimit = documentLimit
    }
}
