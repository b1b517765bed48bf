public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// What a camera, or one lens of it, can record.
///
/// Wire: `video` of a `device-capabilities` resource, or of one of its components.
public struct RingVideoCapabilities: Hashable, Sendable, Codable {
    /// The codecs in which clips can be requested. The codec of a live stream is negotiated for each session.
    ///
    /// Wire: `codecs`. Empty on devices without a camera.
    public var codecs: [RingVideoCodec]
    /// The height of the tallest picture, in pixels, 1080 to 2160.
    ///
    /// Wire: `max_resolution`. `nil` when the response has none.
    public var maximumHeight: Int?
    /// Every height that can be recorded, in pixels.
    ///
    /// Wire: `supported_resolutions`. Empty when the response has none.
    public var supportedHeights: [Int]
    /// The picture's shape as Ring spells it, width first: `16:9`.
    ///
    /// Wire: `ratio`. `nil` when the response has none.
    public var aspectRatio: String?
    /// What can be configured.
    ///
    /// Wire: `configurations`. Empty when the response has none.
    public var features: [RingDeviceFeature]
    /// The lens these capabilities are of.
    ///
    /// Wire: `component_id`. `nil` but in responses about one component.
    package var componentID: RingComponentID?

    package init(
        codecs: [RingVideoCodec] = [], maximumHeight: Int? = nil, supportedHeights: [Int] = [],
        aspectRatio: String? = nil, features: [RingDeviceFeature] = [], componentID: RingComponentID? = nil
    ) {
        self.codecs = codecs
        self.maximumHeight = maximumHeight
        self.supportedHeights = supportedHeights
        self.aspectRatio = aspectRatio
        self.features = features
        self.componentID = componentID
    }
}

extension RingVideoCapabilities {
    private enum Member: String, CaseIterable {
        case features = "configurations"
        case codecs
        case aspectRatio = "ratio"
        case maximumHeight = "max_resolution"
        case supportedHeights = "supported_resolutions"
        case componentID = "component_id"
    }
    private static let members = JSONAPINames<Member>()

    internal init?(_ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader) {
        guard value.isObject else {
            if !value.isNull { reader.changedForm(value, path) }
            return nil
        }
        self.init()
        self.read(value, path, &reader)
    }

    private mutating func read(_ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader) {
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .features:
                self.features = reader.words(
                    value, RingDeviceFeature.knownForVideo, "device-capabilities.video.configurations")
            case .codecs: self.codecs = reader.words(value, RingVideoCodec.known, "device-capabilities.video.codecs")
            case .aspectRatio: self.aspectRatio = reader.text(value, "device-capabilities.video.ratio")
            case .maximumHeight: self.maximumHeight = reader.integer(value, "device-capabilities.video.max_resolution")
            case .supportedHeights:
                value.forEachElement { element in
                    let path = "device-capabilities.video.supported_resolutions"
                    if let height = reader.integer(element, path) { self.supportedHeights.append(height) }
                    return true
                }
            case .componentID: self.componentID = RingComponentID(value)
            case nil: reader.unknownMember(value, in: path)
            }
        }
    }
}

extension RingComponentID {
    /// A component's identifier, a string or a number.
    internal init?(_ value: JSONAPICursor) {
        guard let text = value.string ?? value.numberText, !text.isEmpty else { return nil }
        self.init(rawValue: text)
    }
}

/// A video codec as capabilities spell it; requests for clips use lower case.
///
/// Wire: `video.codecs`.
public struct RingVideoCodec: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// H.264.
    public static let avc = Self(rawValue: "AVC")
    /// H.265.
    public static let hevc = Self(rawValue: "HEVC")

    internal static let known = JSONAPINames<Self>([.avc, .hevc])

    /// The spelling that requests for clips use: `avc`, `hevc`.
    package var requestSpelling: String { self.rawValue.lowercased() }
}
