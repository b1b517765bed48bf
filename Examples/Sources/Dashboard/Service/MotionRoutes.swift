import RingPartner

/// The scores of a camera's motion zones.
extension Service {
    /// Measures how much moves in a camera's zones, while the page reads.
    func measureMotion(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        guard let device = household.device(request.query["account"], request.query["device"]), device.hasCamera else {
            return .text(404, "there is no such camera")
        }
        // A camera has one session at a time.
        await self.live.closeAll(of: user.principal, on: device.device.id)
        let signIns = self.signIns
        let lines = self.motions.lines(device, self.ring.account(device.account).live) { signIns.isSignedIn(user) }
        guard let lines else { return .text(503, "too many cameras are measured already") }
        return RingHTTPResponse(
            status: 200, headerFields: [.contentType: "application/x-ndjson", "X-Accel-Buffering": "no"],
            body: RingHTTPBody(streaming: lines))
    }
}
