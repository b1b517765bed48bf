internal import RingJSONAPI
internal import RingListener

/// One of the two slots of a chime that an app may use, and the sound in it.
struct ChimeSlot {
    var event: String
    var sound: String
    var name: String

    static let all = [
        Self(event: "ring-appstore-event-1", sound: "aud-17", name: "Ding"),
        Self(event: "ring-appstore-event-2", sound: "aud-18", name: "Dong"),
    ]
}

/// Playing sounds on chimes.
extension ServiceState {
    func playChime(_ request: RingListenerRequest, _ device: Device) -> Response {
        guard device.device.kind == .chime else {
            return .failure(400, title: "Bad Request", detail: "the device is not a chime")
        }
        let body = try? JSONAPIValue(parsing: request.body)
        let forms: [(RingSimulatorSwitches.ChimeBody, String?)] = [
            (.data, body?["data"]?["attributes"]?["audio_ref"]?.string), (.flat, body?["audio_ref"]?.string),
            (.event, body?["event"]?.string),
        ]
        let taken = forms.first { form, value in
            value != nil && (self.switches.chimeBody == .any || self.switches.chimeBody == form)
        }
        guard let (form, value) = taken, let reference = value else {
            return .failure(400, title: "Bad Request", code: "INVALID_PAYLOAD", pointer: "audio_ref")
        }
        let slot = ChimeSlot.all.first { (form == .event ? $0.event : $0.sound) == reference }
        if slot == nil, self.switches.devices.contains(.chimeSoundsChecked) {
            return .failure(
                400, title: "Bad Request", detail: "no slot of the chime has this sound", code: "INVALID_PAYLOAD",
                pointer: form == .event ? "event" : "audio_ref")
        }
        let status = self.switches.status(.chimePlayed)
        guard status == 200 else { return .empty(status) }
        return .json(200, ["data": ["id": .string(reference), "attributes": ["status": "completed"]]])
    }
}
