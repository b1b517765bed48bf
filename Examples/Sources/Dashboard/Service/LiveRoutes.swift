import RingPartner

/// The proxy between a browser and Ring: the browser knows neither the access token nor the URL of the session.
extension Service {
    /// Takes the offer of a browser, and responds with the SDP answer of Ring.
    func openLive(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        guard let device = household.device(request.query["account"], request.query["device"]), device.hasCamera else {
            return .text(404, "there is no such camera")
        }
        let type = request.http.headerFields[.contentType]?.lowercased() ?? ""
        guard type.hasPrefix("application/sdp"), let bytes = request.http.body.bytes else {
            return .text(415, "an SDP offer is needed")
        }
        do {
            let offer = try SDP(parsing: bytes, maximumBytes: 64 << 10)
            let client = self.ring.account(device.account).live
            let opened = try await self.live.open(device, offer: offer, client: client, user: user.principal)
            return RingHTTPResponse(
                status: 201, headerFields: [.contentType: "application/sdp", "X-Live-View": opened.view],
                body: RingHTTPBody(opened.answer))
        } catch let error as SDPError {
            return .text(400, "the offer is no SDP: \(error)")
        } catch let error as RingError where error.code == .liveSessionBusy {
            return .text(409, "this camera is shown on another page")
        } catch {
            self.report(error, "live")
            return .text(502, error.forPeople)
        }
    }

    /// What a page sends when it goes away, and when somebody ends the view.
    func closeLive(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        await self.live.close(request.form["view"] ?? "", user: user.principal)
        return RingHTTPResponse(status: 204)
    }

    /// The time that is left. While this stream is open, somebody watches.
    func liveState(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        guard let updates = await self.live.updates(of: request.query["view"] ?? "", user: user.principal) else {
            return .text(404, "the live view has ended")
        }
        return .events(updates)
    }
}
