internal import RingCore

/// What the page does besides what tests do.
extension RingSimulator {
    /// The URLs of the partner's service; empty where there is none.
    var partnerURLs: (tokenExchange: String, accountLink: String, webhook: String) {
        self.engine.step { state in
            // The default is an address at which nobody can be.
            let link = state.configuration.accountLinkURL
            let isSet = link != RingSimulatorConfiguration().accountLinkURL
            return (state.tokenExchangeURL ?? "", isSet ? link : "", state.webhookURL ?? "")
        }
    }

    func setPartnerURLs(tokenExchange: String, accountLink: String, webhook: String) {
        self.engine.step { state in
            state.tokenExchangeURL = tokenExchange.isEmpty ? nil : tokenExchange
            state.configuration.accountLinkURL =
                accountLink.isEmpty ? RingSimulatorConfiguration().accountLinkURL : accountLink
            state.webhookURL = webhook.isEmpty ? nil : webhook
        }
    }

    /// Makes an event happen after its delay.
    func plan(_ event: RingSimulatorEvent) { self.engine.plan(event) }

    /// Waits until so many pages are open, each of which has a stream.
    package func waitForStreams(_ count: Int) async { await self.engine.streams.wait(for: count) }
}

extension ServiceState {
    /// The user's consent: from now on, and for these devices.
    mutating func consent(of account: RingAccountID, to devices: Set<RingDeviceID>) {
        for index in self.devices.indices where self.devices[index].account == account {
            let isShared = devices.contains(self.devices[index].id)
            if isShared, self.devices[index].isRemoved { self.devices[index].sharedAt = self.now }
            self.devices[index].isRemoved = !isShared
        }
        self.consents[account] = self.now
        self.setState(.pending, of: account)
    }
}
