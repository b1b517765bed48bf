import Foundation
import RingListener
import RingPartner

/// Pictures and clips. The page covers the privacy zones; it has no place where it shows a picture without that.
extension Service {
    /// The newest picture of a camera, or that of an event.
    func still(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        let media: RingMediaClient
        let (key, lifetime): (String, Duration)
        let wanted: RingStillRequest
        if let number = request.query["event"].flatMap({ Int($0) }) {
            guard let event = self.feed.event(number), household.has(event.account), let moment = event.media,
                let device = household.device(event.account.rawValue, event.device?.rawValue)
            else { return .text(404, "no such event") }
            media = self.media(of: event.account, event.device)
            wanted = media.still(for: moment, component: event.components.first ?? device.component)
            (key, lifetime) = ("event \(number)", .seconds(86_400))
        } else {
            guard let device = household.device(request.query["account"], request.query["device"]), device.hasCamera
            else {
                return .text(404, "no such camera")
            }
            media = self.media(of: device.account, device.device.id)
            wanted = RingStillRequest(
                device: device.device.id, moment: .latest(from: Date() - 24 * 3600, to: nil),
                component: device.component)
            (key, lifetime) = ("newest \(device.account) \(device.device.id)", .seconds(10))
        }
        do {
            let picture = try await self.stills.picture(key, for: lifetime) {
                var small = wanted
                small.format = .jpeg
                small.size = RingPictureSize(width: 640, height: 360)
                return try await media.data(small, upTo: 4 << 20)
            }
            return RingHTTPResponse(
                status: 200, headerFields: [.contentType: "image/jpeg", "Cache-Control": "private, max-age=10"],
                body: RingHTTPBody(picture.bytes))
        } catch let error as RingError where error.code == .mediaNotFound || error.code == .timeRangeNotAuthorized {
            // Not an error for a page: there is no picture.
            return RingHTTPResponse(status: 204)
        } catch {
            self.report(error, "still")
            // The page tries again. A browser would write another status into its console.
            return RingHTTPResponse(status: 202)
        }
    }

    /// How far the clip of an event is: 200 when it can be played, 202 while it is on its way.
    func clipState(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        guard let event = await self.clipEvent(request, user) else { return .text(404, "There is no such event") }
        switch await self.clips.state(of: event, media: self.media(of: event.account, event.device, waits: true)) {
        case .ready: return .text(200, "ready")
        case .loading: return .text(202, "Waits for Ring to finish the recording …")
        case .failed(let message): return .text(404, "No clip: \(message)")
        }
    }

    /// The clip of an event, or the part of it that a player asks for.
    func clip(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        guard let event = await self.clipEvent(request, user),
            case .ready(let path) = await self.clips.state(
                of: event, media: self.media(of: event.account, event.device, waits: true))
        else { return .text(404, "There is no such clip") }
        return .file(path, contentType: "video/mp4", for: request.http)
    }

    private func clipEvent(_ request: PageRequest, _ user: SignIn) async -> FeedEvent? {
        guard let event = request.query["event"].flatMap({ Int($0) }).flatMap({ self.feed.event($0) }), event.hasClip
        else {
            return nil
        }
        return await self.household(of: user.principal).has(event.account) ? event : nil
    }

    /// - Parameter waits: Whether a request waits until Ring has recorded its range.
    private func media(of account: RingAccountID, _ device: RingDeviceID?, waits: Bool = false) -> RingMediaClient {
        var media = self.ring.account(account).media
        if !waits { media.options.waiting = .none }
        // Ring refuses a range that begins before the user shared the device.
        media.options.consentedAt = self.consents.time(of: account, device)
        return media
    }
}
