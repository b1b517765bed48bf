public import RingCore
@_spi(RingModels) public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The devices of an account, and what could not be read of them.
public struct RingDeviceList: Sendable {
    /// The devices that could be read, in the order Ring sent them.
    public var devices: [RingDevice]
    /// The parts that could not be read: one bad device, or one bad zone, does not lose the others.
    public var problems: [JSONAPIProblem]
    /// Ring's time when it answered. Wire: `meta.time`. `nil` when the answer has none.
    public var time: Date?

    /// Creates a list by hand, for tests and previews.
    public init(devices: [RingDevice] = [], problems: [JSONAPIProblem] = [], time: Date? = nil) {
        self.devices = devices
        self.problems = problems
        self.time = time
    }

    /// Reads a document whose primary resources are devices.
    ///
    /// - Parameters:
    ///   - document: The answer to `GET /v1/devices`, or to `GET /v1/devices/{id}`.
    ///   - observer: Told what is news, and what could not be read beyond the document's own problems, which whoever
    ///     fetched it has told. Nothing personal.
    public init(_ document: JSONAPIDocument, observer: any RingObserver = RingSilentObserver()) {
        var reader = DeviceReader(problems: document.problems)
        var devices: [RingDevice] = []
        devices.reserveCapacity(document.resources.count)
        for resource in document.resources {
            guard resource.isType(among: DeviceReader.deviceTypes) else {
                reader.unknownType(resource, "data")
                reader.problem(resource.raw, "not a device")
                continue
            }
            devices.append(.blank)
            devices[devices.count - 1].read(resource, in: document, &reader)
        }
        for position in document.includedPositions(otherThan: DeviceReader.partTypes) {
            reader.unknownType(document.allIncluded[position], "included")
        }
        reader.report(to: observer, during: document.isCollection ? .devices : .device)
        self.init(devices: devices, problems: reader.problems, time: document.meta?["time"]?.date)
    }

    /// The device of this identifier.
    public subscript(_ id: RingDeviceID) -> RingDevice? { self.devices.first { $0.id == id } }
}

extension DeviceReader {
    internal enum DeviceType: String, CaseIterable { case devices, device }
    internal enum PartType: String, CaseIterable {
        case status = "device-status"
        case capabilities = "device-capabilities"
        case configurations = "device-configurations"
        case locations
        case componentConfigurations = "component-configurations"
    }

    /// The types of a document's primary resources.
    internal static let deviceTypes = JSONAPINames<DeviceType>()

    /// The types that a document about devices may include.
    internal static let partTypes = JSONAPINames<PartType>()
}
