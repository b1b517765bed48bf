internal import RingCrypto
internal import RingJSONAPI
internal import Synchronization

extension SimulatorWorld {
    func motion(at device: String, subType: String) -> (body: [UInt8], signature: String) {
        let now = self.nowMilliseconds
        let id = self.unique("event")
        self.state.withLock { state in
            state.events.append(
                Event(id: "ava1.ring.history.event.\(id)", device: device, type: "motion", subType: subType, start: now)
            )
        }
        let isOld = self.state.withLock { $0.switches.hasOldSubType }
        var attributes: [(String, JSONAPILiteral)] = [
            ("source", .string(device)), ("source_type", "devices"), ("timestamp", .int(now)),
        ]
        if !isOld { attributes.append(("sub_type", .string(subType))) }
        var data: [(String, JSONAPILiteral)] = [
            ("id", .string("\(device)_\(subType)_\(now)")), ("type", "motion_detected"),
            ("attributes", .object(attributes)),
            ("relationships", ["devices": ["links": ["self": .string("/v1/devices/\(device)")]]]),
        ]
        if isOld { data.append(("subType", .string(subType))) }
        let body: JSONAPILiteral = .object([
            (
                "meta",
                [
                    "version": "1.1", "time": .string(JSONAPITime.format(self.now)),
                    "request_id": .string(self.unique("req")),
                    "account_id": .string(self.account),
                ]
            ), ("data", .object(data)),
        ])
        let bytes = body.bytes
        return (bytes, RingWebhookSignature(signing: bytes, key: self.key).headerValue)
    }
}
