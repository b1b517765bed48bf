import RingPartner

/// The live sessions that pages of this service have open.
///
/// A session ends in every case: the page says so when it goes away; the stream that it keeps open tells when it could not;
/// the session's own limit; `shutdown`; and after a crash the ledger, from which `RingPartnerClient.run` closes what is left.
actor LiveViews {
    /// What a page gets: the SDP answer, and the name of its view.
    struct Opened: Sendable {
        var view: String
        var answer: String
    }

    private struct View {
        var session: WHEPSession
        var user: RingPrincipal
        /// The streams of the page; more than one while a browser connects again.
        var streams = 0
        /// Closes the session when no stream comes.
        var closing: Task<Void, Never>?
    }

    /// How long a page may be without a stream: a browser connects again after a second.
    private static let patience = Duration.seconds(6)

    private var views: [String: View] = [:]

    /// Opens a session with the offer of a browser.
    ///
    /// - Throws: As `WHEPClient.open(_:offer:options:)`.
    func open(_ device: Household.Device, offer: SDP, client: WHEPClient, user: RingPrincipal) async throws -> Opened {
        let options = WHEPSessionOptions(component: device.component, power: device.device.powerSource)
        let session = try await client.open(device.device.id, offer: offer, options: options)
        var generator = SystemRandomNumberGenerator()
        let name = String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
        self.views[name] = View(session: session, user: user)
        self.closeUnlessWatched(name)
        Task {
            for await update in session.updates() where update.endReason != nil { break }
            self.views.removeValue(forKey: name)?.closing?.cancel()
        }
        return Opened(view: name, answer: session.answer)
    }

    /// Closes a view of a user; does nothing when it has ended.
    func close(_ name: String, user: RingPrincipal) async {
        guard let view = self.views[name], view.user == user else { return }
        await view.session.close()
    }

    /// Closes every view of a user who signs out, or those of one camera.
    func closeAll(of user: RingPrincipal, on device: RingDeviceID? = nil) async {
        for (name, view) in self.views where view.user == user && (device == nil || view.session.device == device) {
            await self.close(name, user: user)
        }
    }

    /// The time that is left, about once a second, and the end; `nil` when there is no such view.
    func updates(of name: String, user: RingPrincipal) -> LiveUpdates? {
        guard let view = self.views[name], view.user == user else { return nil }
        self.views[name]?.streams += 1
        view.closing?.cancel()
        return LiveUpdates(updates: view.session.updates(), watching: Watching { await self.left(name) })
    }

    private func left(_ name: String) {
        guard let streams = self.views[name]?.streams else { return }
        self.views[name]?.streams = streams - 1
        if streams == 1 { self.closeUnlessWatched(name) }
    }

    private func closeUnlessWatched(_ name: String) {
        self.views[name]?.closing = Task {
            // Cancelled: a stream has come, or the session has ended.
            guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
            await self.views[name]?.session.close()
        }
    }
}
