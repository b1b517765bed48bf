internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The plans and trials of the app.
extension ServiceState {
    static let planID = "5f0b1d2c-3a4e-4c5d-9b6f-7a8c9d0e1f22"
    private static let subscriptionPageSize = 25

    /// The subscriptions that an account starts with: paid ones and trials that are over, on its devices in turn.
    mutating func addSubscriptions(of account: RingSimulatorAccount) {
        self.subscriptions[account.id] = (0..<max(0, account.subscriptionCount)).map { number in
            let isTrial = number % 2 == 1
            let devices = account.devices.isEmpty ? [] : [account.devices[number % account.devices.count].id]
            return Subscription(
                id: "sub-opaque-\(number + 1)", isTrial: isTrial, isActive: !isTrial, devices: devices,
                created: self.now - 14 * 86_400_000, expires: self.now + (isTrial ? -1 : 30) * 86_400_000)
        }
    }

    /// Whether an account has an active plan or trial.
    func hasPlan(_ account: RingAccountID) -> Bool {
        self.subscriptions[account]?.contains { $0.isActive(at: self.now) } ?? false
    }

    /// Whether an active plan or trial covers a device.
    func isCovered(_ device: Device) -> Bool {
        self.subscriptions[device.account]?.contains { $0.isActive(at: self.now) && $0.devices.contains(device.id) }
            ?? false
    }

    /// Follows `subscription_activated` and `subscription_deactivated`.
    ///
    /// - Returns: The subscription that changed; for the end of one that there is not, one that is made up.
    mutating func changeSubscription(_ event: RingSimulatorEvent, _ device: Device?, _ account: RingAccountID)
        -> Subscription
    {
        let isTrial = event.subType == "trial"
        let isActivation = event.type == "subscription_activated"
        var list = self.subscriptions[account] ?? []
        let index = list.firstIndex { subscription in
            subscription.isTrial == isTrial && (device.map { subscription.devices.contains($0.id) } ?? true)
                && (device != nil || isActivation != subscription.isActive(at: self.now))
        }
        var subscription =
            index.map { list[$0] }
            ?? Subscription(
                id: "sub-opaque-\(list.count + 1)", isTrial: isTrial, isActive: false,
                devices: device.map { [$0.id] } ?? self.devices(of: account).map(\.id),
                created: self.now, expires: self.now)
        subscription.isActive = isActivation
        subscription.expires = isActivation ? self.now + 30 * 86_400_000 : self.now
        if let index { list[index] = subscription } else if isActivation { list.append(subscription) }
        self.subscriptions[account] = list
        return subscription
    }

    mutating func subscriptions(_ request: RingListenerRequest, account: RingAccountID) -> Response {
        let status = self.switches.status(.subscriptions)
        if self.switches.api.contains(.unprocessableSubscriptions) || status == 422 {
            return .failure(422, title: "Unprocessable Entity", detail: "cannot process for this user")
        }
        guard status == 200 else { return .failure(status, title: Self.title(of: status)) }
        let all = self.subscriptions[account] ?? []
        var offset = 0
        if let cursor = request.queryItems.first(where: { $0.name == "page[cursor]" })?.value {
            guard cursor.hasPrefix("c"), let number = Int(cursor.dropFirst()), number > 0, number <= all.count else {
                return .failure(400, title: "Bad Request", detail: "no such page", pointer: "page[cursor]")
            }
            offset = number
        }
        let shared = Set(self.devices(of: account).filter { !$0.isRemoved }.map(\.id))
        let data = all.dropFirst(offset).prefix(Self.subscriptionPageSize).map { subscription -> JSONAPILiteral in
            let references = subscription.devices.filter(shared.contains).map { id -> JSONAPILiteral in
                ["type": "devices", "id": .string(id.rawValue)]
            }
            let isActive = subscription.isActive(at: self.now)
            return [
                "type": "subscriptions", "id": .string(subscription.id),
                "attributes": [
                    "sub_type": subscription.isTrial ? "trial" : "paid", "status": isActive ? "active" : "inactive",
                    "plan_id": subscription.isTrial ? nil : .string(Self.planID),
                    "expires_at": .string(isoTime(subscription.end(at: self.now))),
                    "created_at": .string(isoTime(subscription.created)),
                ],
                "relationships": ["devices": ["data": .array(references)]],
            ]
        }
        var document: [(String, JSONAPILiteral)] = [("data", .array(data))]
        let next = offset + Self.subscriptionPageSize
        if next < all.count {
            document.append(("links", ["next": .string("/v1/accounts/me/subscriptions?page%5Bcursor%5D=c\(next)")]))
        }
        document.append(("meta", self.meta))
        return .json(200, .object(document))
    }

    private static func title(of status: Int) -> String {
        switch status {
        case 401: "Invalid Client"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 429: "Rate Limit Exceeded"
        case 500...: "Internal Server Error"
        default: "Bad Request"
        }
    }
}
