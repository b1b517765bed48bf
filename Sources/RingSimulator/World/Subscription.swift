internal import RingCore

extension ServiceState {
    /// A plan or a trial of the app.
    struct Subscription: Codable {
        var id: String
        var isTrial: Bool
        var isActive: Bool
        var devices: [RingDeviceID]
        var created: Int64
        var expires: Int64

        /// A trial ends by itself; a paid plan is renewed until it is deactivated.
        func isActive(at now: Int64) -> Bool { self.isActive && (!self.isTrial || self.expires > now) }

        func end(at now: Int64) -> Int64 {
            let month: Int64 = 30 * 86_400_000
            guard self.isActive, !self.isTrial, self.expires <= now else { return self.expires }
            return self.expires + ((now - self.expires) / month + 1) * month
        }
    }
}
