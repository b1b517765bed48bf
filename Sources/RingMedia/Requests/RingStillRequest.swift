public import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One picture: a frame of an existing recording or a stored snapshot.
///
/// Wire: the body of `POST /v1/devices/{id}/media/image/download`. It never triggers a camera.
public struct RingStillRequest: Hashable, Sendable {
    /// The camera.
    public var device: RingDeviceID
    /// Which picture.
    public var moment: Moment
    /// The image format; `nil` leaves it to Ring. Wire: `image_options.format`.
    public var format: RingStillFormat?
    /// Its size; `nil` leaves it to Ring. Wire: `image_options.resolution`.
    public var size: RingPictureSize?
    /// The lens, on devices with several; exactly one there, none elsewhere. Wire: `components[].component_id`.
    public var component: RingComponentID?

    /// Which picture to fetch. Wire: `type`.
    public enum Moment: Hashable, Sendable {
        /// The one at a moment, give or take about ten seconds; not in the future, at most 180 days ago.
        case at(Date)
        /// The latest one in a window of at most 24 hours; its end is the present when `nil`. Such a window of 24 hours begins five
        /// minutes later when it is sent, because its end moves on meanwhile.
        case latest(from: Date, to: Date?)
    }

    /// Creates a request. Its limits are checked before anything is sent.
    public init(
        device: RingDeviceID, moment: Moment, format: RingStillFormat? = nil, size: RingPictureSize? = nil,
        component: RingComponentID? = nil
    ) {
        self.device = device
        self.moment = moment
        self.format = format
        self.size = size
        self.component = component
    }

    /// Checks the limits that Ring documents.
    ///
    /// - Parameters:
    ///   - now: The present.
    ///   - components: The lenses of the device, empty for a device with one camera; `nil` when they are not known.
    /// - Throws: `RingError` with `RingError.Code.invalidArgument`, naming the limit.
    package func validate(now: Date, components: [RingComponentID]? = nil) throws(RingError) {
        switch self.moment {
        case .at(let moment):
            try RingMediaLimits.checkMoment(moment, what: "the moment of the still", now: now)
        case .latest(let from, let to):
            try RingMediaLimits.checkMoment(from, what: "the start of the window", now: now)
            let end = to ?? now
            guard end.epochMilliseconds != nil, end >= from else {
                throw RingError.invalidArgument("the window ends before it starts; swap its two moments")
            }
            guard end.timeIntervalSince(from) <= RingMediaLimits.maximumStillWindow.seconds else {
                throw RingError.invalidArgument(
                    "the window is longer than 24 hours, the longest in which Ring looks for the latest still")
            }
        }
        try self.size?.validate()
        try RingMediaLimits.checkComponent(self.component, of: self.device, known: components)
    }

    var literal: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)]
        switch self.moment {
        case .at(let moment):
            members = [("type", "at_timestamp"), ("timestamp", .int(moment.epochMilliseconds ?? 0))]
        case .latest(let from, let to):
            members = [("type", "latest_in_range"), ("start_timestamp", .int(from.epochMilliseconds ?? 0))]
            if let end = to?.epochMilliseconds { members.append(("end_timestamp", .int(end))) }
        }
        var image: [(String, JSONAPILiteral)] = []
        if let format { image.append(("format", .string(format.rawValue))) }
        if let size { image.append(("resolution", size.literal)) }
        if !image.isEmpty { members.append(("image_options", .object(image))) }
        if let component { members.append(("components", component.literal)) }
        return .object(members)
    }
}

/// The image format of a still. The list is Ring's, and Ring refuses other values.
///
/// Wire: `image_options.format`.
public enum RingStillFormat: String, Hashable, Sendable, CaseIterable {
    /// JPEG, Ring's default.
    case jpeg
    /// PNG, without loss and several times larger.
    case png
}
