public import RingCore
public import RingJSONAPI

/// The body of a request to play a sound on a chime. Sources disagree on its form, so the application chooses.
public struct RingChimeBody: Sendable {
    /// The JSON to send.
    package let json: JSONAPILiteral

    /// Sends a body of your own.
    public init(_ json: JSONAPILiteral) { self.json = json }

    /// `{"data":{"type":"audio","attributes":{"audio_ref":…}}}`: read from Ring's own page, the most credible form.
    public static func resource(_ reference: RingAudioReference) -> Self {
        Self(["data": ["type": "audio", "attributes": ["audio_ref": .string(reference.rawValue)]]])
    }

    /// `{"audio_ref":…,"components":[0]}`: another reading of the reference. Components are numbers where they can be.
    public static func flat(_ reference: RingAudioReference, components: [RingComponentID] = ["0"]) -> Self {
        let list = components.map { component in
            Int64(component.rawValue).map { JSONAPILiteral.int($0) } ?? .string(component.rawValue)
        }
        return Self(["audio_ref": .string(reference.rawValue), "components": .array(list)])
    }

    /// `{"event":"ring-appstore-event-1"}`: plays what is in a slot, as an emulator understands it.
    public static func event(_ event: RingChimeEvent) -> Self { Self(["event": .string(event.rawValue)]) }
}

/// The response to a request to play a sound.
public struct RingChimePlayback: Hashable, Sendable {
    /// How it went: `completed` when the sound was played, `accepted` when the response says no more.
    ///
    /// Wire: `data.attributes.status`; `accepted` when the response has no body, or none with a status.
    public let status: String
    /// The body as received; `nil` when there was none.
    public let raw: JSONAPIValue?
}
