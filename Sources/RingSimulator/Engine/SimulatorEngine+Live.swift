internal import RingListener
internal import RingLive

extension SimulatorEngine {
    /// The response to an offer with an SDP answer that leads to a moving picture. When there is none, the response as it was,
    /// and the reason.
    func withMovingPicture(
        _ response: RingListenerResponse, _ opened: OpenedSession
    ) async -> (response: RingListenerResponse, noPicture: String?) {
        var response = response
        do {
            let answer = try await self.liveStreams.begin(opened) { [weak self] sender in
                await self?.play(opened, on: sender)
            }
            response.body = .bytes(Array(answer.utf8))
            return (response, nil)
        } catch {
            return (response, error.message)
        }
    }

    private func play(_ opened: OpenedSession, on sender: RingLiveSender) async {
        let film = self.step { $0.configuration.liveFilm }
        let rate = film?.rate ?? LiveScene.rate
        var scene = LiveScene()
        var place: Int?
        var sent = 0
        await sender.play(
            rate: rate, skipsLate: film == nil,
            isOpen: { self.step { $0.isOpen(session: opened.id) } },
            next: { isKeyFrameWanted in
                let (time, moment, limit) = self.step { state in
                    (state.now, state.liveMoment(of: opened.device), state.switches.limit(.videoSeconds))
                }
                // The video stops without notice.
                if limit > 0, sent >= limit * rate { return nil }
                sent += 1
                let picture: [UInt8]?
                if let film {
                    let next = film.place(after: place, isKeyFrameWanted: isKeyFrameWanted)
                    place = next
                    picture = film.pictures[next]
                } else {
                    picture = scene.picture(at: time, moment, isKeyFrameWanted: isKeyFrameWanted)
                }
                if picture != nil { self.liveStreams.countPicture(opened.id) }
                return picture
            })
    }
}
