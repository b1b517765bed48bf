public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// A sound an app has put on a chime. Assigning one is not possible through this API.
///
/// Wire: an entry of `audio.customizable_slots` of a `device-configurations` resource.
public struct RingChimeSlot: Hashable, Sendable, Codable {
    /// The event that plays the sound.
    ///
    /// Wire: `event`. `nil` when the response has none.
    public var event: RingChimeEvent?
    /// Whether the slot is switched off.
    ///
    /// Wire: `disabled`. `nil` when the response has none.
    public var isDisabled: Bool?
    /// Names the sound for playback.
    ///
    /// Wire: `audio_ref`. `nil` when the slot is empty.
    public var audioReference: RingAudioReference?
    /// Where the sound can be fetched. It may be pre-signed: not for logs.
    ///
    /// Wire: `audio_url`. `nil` when the slot is empty.
    public var audioAddress: String?
    /// The name of the sound for people.
    ///
    /// Wire: `audio_name`. `nil` when the slot is empty.
    public var audioName: String?

    private enum CodingKeys: String, CodingKey {
        case event, isDisabled, audioReference, audioName
    }

    package init(
        event: RingChimeEvent? = nil, isDisabled: Bool? = nil, audioReference: RingAudioReference? = nil,
        audioAddress: String? = nil, audioName: String? = nil
    ) {
        self.event = event
        self.isDisabled = isDisabled
        self.audioReference = audioReference
        self.audioAddress = audioAddress
        self.audioName = audioName
    }
}

extension RingChimeSlot {
    private enum Member: String, CaseIterable {
        case event
        case isDisabled = "disabled"
        case audioReference = "audio_ref"
        case audioAddress = "audio_url"
        case audioName = "audio_name"
    }
    private static let members = JSONAPINames<Member>()
    private static let path = "device-configurations.audio.customizable_slots"

    internal init(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        self.init()
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .event: self.event = reader.word(value, RingChimeEvent.known, Self.path + ".event")
            case .isDisabled: self.isDisabled = reader.bool(value, Self.path + ".disabled")
            case .audioReference:
                self.audioReference = reader.text(value, Self.path + ".audio_ref").map { .init(rawValue: $0) }
            case .audioAddress: self.audioAddress = reader.text(value, Self.path + ".audio_url")
            case .audioName: self.audioName = reader.text(value, Self.path + ".audio_name")
            case nil: reader.unknownMember(value, in: Self.path)
            }
        }
    }
}

extension RingChimeSlot: CustomStringConvertible, CustomReflectable {
    /// Event and sound, without the address.
    public var description: String {
        "slot \(self.event?.rawValue ?? "without event"), \(self.audioReference?.rawValue ?? "empty")"
    }

    /// A mirror that shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["slot": self.description]) }
}

/// Names a sound that a chime can play. Wire: `audio_ref`.
public struct RingAudioReference: RingIdentifier {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The event that a chime's slot belongs to.
///
/// Wire: `event` of a slot.
public struct RingChimeEvent: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An app's first slot.
    public static let appstore1 = Self(rawValue: "ring-appstore-event-1")
    /// An app's second slot.
    public static let appstore2 = Self(rawValue: "ring-appstore-event-2")

    internal static let known = JSONAPINames<Self>([.appstore1, .appstore2])
}
