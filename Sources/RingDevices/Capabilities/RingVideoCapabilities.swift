public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// What a camera, or one lens of it, can record.
///
/// Wire: `video` of a `device-capabilities` resource, or of one of its components.
public struct RingVideoCapabilities: Hashable, Sendable {
    /// The codecs clips can be asked for in. The codec of a live stream is in its SDP answer, not here.
    ///
    /// Wire: `codecs`. Empty on devices without a camera.
    public var codecs: [RingVideoCodec]
    /// The height of the tallest picture, in pixels, 1080 to 2160.
    ///
    /// Wire: `max_resolution`. `nil` when the answer has none.
    public var maximumHeight: Int?
    /// Every height that can be recorded, in pixels.
    ///
    /// Wire: `supported_resolutions`. Empty when the answer has none.
    public var supportedHeights: [Int]
    /// The picture's shape as Ring spells it, width first: `16:9`.
    ///
    /// Wire: `ratio`. `nil` when the answer has none.
    public var aspectRatio: String?
    /// What can be configured.
    ///
    /// Wire: `configurations`. Empty when the answer has none.
    public var features: [RingVideoFeature]
    /// The lens these capabilities are of.
    ///
    /// Wire: `component_id`. `nil` but in answers about one component.
    public var componentID: RingComponentID?

    /// Creates capabilities by hand, for tests and previews.
    public init(
        codecs: [RingVideoCodec] = [], maximumHeight: Int? = nil, supportedHeights: [Int] = [],
        aspectRatio: String? = nil, features: [RingVideoFeature] = [], componentID: RingComponentID? = nil
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
                    value, RingVideoFeature.known, "device-capabilities.video.configurations")
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
