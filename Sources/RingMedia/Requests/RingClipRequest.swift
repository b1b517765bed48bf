public import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A part of an existing recording, as an MP4 file.
///
/// Wire: the body of `POST /v1/devices/{id}/media/video/download`. It never starts a recording.
public struct RingClipRequest: Hashable, Sendable {
    /// The camera.
    public var device: RingDeviceID
    /// The start of the part; not in the future, at most 180 days ago. Wire: `timestamp`, epoch milliseconds.
    public var start: Date
    /// How long it is, above zero and at most 15 minutes. Wire: `duration`, milliseconds.
    public var duration: Duration
    /// The video codec; `nil` leaves it to the device. Wire: `video_options.codec`.
    public var codec: RingClipCodec?
    /// Frames per second, 1 to 25; `nil` leaves it to the device. Wire: `video_options.frame_rate`.
    public var frameRate: Int?
    /// The size of the frames; `nil` leaves it to the device. Wire: `video_options.resolution`.
    public var size: RingPictureSize?
    /// Whether the clip has audio. Wire: `audio_options.audio_enabled`.
    public var isAudioEnabled: Bool
    /// The lens, on devices with several; exactly one there, none elsewhere. Wire: `components[].component_id`.
    public var component: RingComponentID?

    /// Creates a request. Its limits are checked before anything is sent.
    public init(
        device: RingDeviceID, start: Date, duration: Duration, codec: RingClipCodec? = nil, frameRate: Int? = nil,
        size: RingPictureSize? = nil, isAudioEnabled: Bool = false, component: RingComponentID? = nil
    ) {
        self.device = device
        self.start = start
        self.duration = duration
        self.codec = codec
        self.frameRate = frameRate
        self.size = size
        self.isAudioEnabled = isAudioEnabled
        self.component = component
    }

    /// The end of the part.
    package var end: Date { self.start + self.duration.seconds }

    /// Checks the limits that Ring documents.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - components: The lenses of the device, empty for a device with one camera; `nil` when they are not known.
    /// - Throws: `RingError` with `RingError.Code.invalidArgument`, naming the limit.
    package func validate(now: Date, components: [RingComponentID]? = nil) throws(RingError) {
        guard self.duration.wholeMilliseconds > 0 else {
            throw RingError.invalidArgument("a clip lasts at least one millisecond; give a duration above zero")
        }
        guard self.duration <= RingMediaLimits.maximumClipDuration else {
            throw RingError.invalidArgument(
                "a clip is at most 15 minutes (900000 ms) long, and \(self.duration.wholeMilliseconds) ms were "
                    + "requested; split it, as clips(over:into:) does")
        }
        try self.validateIgnoringLength(now: now, components: components)
    }

    func validateIgnoringLength(now: Date, components: [RingComponentID]?) throws(RingError) {
        try RingMediaLimits.checkMoment(self.start, what: "the start of the clip", now: now)
        if let frameRate, !(1...RingMediaLimits.maximumFrameRate).contains(frameRate) {
            throw RingError.invalidArgument(
                "the frame rate \(frameRate) is out of limits; it is 1 to \(RingMediaLimits.maximumFrameRate) a second")
        }
        try self.size?.validate()
        try RingMediaLimits.checkComponent(self.component, of: self.device, known: components)
    }

    var literal: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("timestamp", .int(self.start.epochMilliseconds ?? 0)),
            ("duration", .int(self.duration.wholeMilliseconds)),
        ]
        var video: [(String, JSONAPILiteral)] = []
        if let codec { video.append(("codec", .string(codec.rawValue))) }
        if let frameRate { video.append(("frame_rate", .int(Int64(frameRate)))) }
        if let size { video.append(("resolution", size.literal)) }
        if !video.isEmpty { members.append(("video_options", .object(video))) }
        if self.isAudioEnabled { members.append(("audio_options", ["audio_enabled": true])) }
        if let component { members.append(("components", component.literal)) }
        return .object(members)
    }
}

extension RingComponentID {
    /// The one entry of a request's `components`.
    var literal: JSONAPILiteral { [["component_id": .string(self.rawValue)]] }
}

/// The video codec of a clip. The list is Ring's, and Ring refuses other values.
///
/// Wire: `video_options.codec`.
public enum RingClipCodec: String, Hashable, Sendable, CaseIterable {
    /// H.264, which every player supports.
    case avc
    /// H.265, with smaller files.
    case hevc
}
