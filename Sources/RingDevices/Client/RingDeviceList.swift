public import RingCore
@_spi(RingModels) public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The devices of an account in the order in which Ring sent them, and beside them what could not be read.
///
/// <!-- given: devices: RingDevicesClient, func log(_ text: String) -->
/// ```swift
/// let list = try await devices.list()
/// for device in list { print(device.name ?? "unnamed") }
/// for problem in list.problems { log("\(problem)") }
/// ```
public struct RingDeviceList: Sendable {
    private var devices: [RingDevice]
    /// The parts that could not be read: one bad device, or one bad zone, does not lose the others.
    public private(set) var problems: [JSONAPIProblem]
    /// The time of the response by Ring's clock. Wire: `meta.time`. `nil` when the response has none.
    public private(set) var time: Date?

    package init(_ devices: [RingDevice] = [], problems: [JSONAPIProblem] = [], time: Date? = nil) {
        self.devices = devices
        self.problems = problems
        self.time = time
    }

    /// Reads a document whose primary resources are devices, such as a test's own JSON.
    ///
    /// - Parameters:
    ///   - document: The response to `GET /v1/devices`, or to `GET /v1/devices/{id}`.
    ///   - observer: Gets what is unknown, and what could not be read beyond the document's own problems. Nothing
    ///     personal.
    public init(_ document: JSONAPIDocument, observer: (any RingObserver)? = nil) {
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
        reader.report(to: observer ?? RingSilentObserver(), during: document.isCollection ? .devices : .device)
        self.init(devices, problems: reader.problems, time: document.meta?["time"]?.date)
    }

    /// The device of this identifier.
    public subscript(_ id: RingDeviceID) -> RingDevice? { self.devices.first { $0.id == id } }

    /// Adds a further page, of which only these devices are new.
    internal mutating func append(_ page: RingDeviceList, _ devices: [RingDevice]) {
        self.devices += devices
        self.problems += page.problems
        self.time = page.time ?? self.time
    }
}

extension RingDeviceList: RandomAccessCollection {
    /// The position of the first device.
    public var startIndex: Int { self.devices.startIndex }
    /// The position after the last device.
    public var endIndex: Int { self.devices.endIndex }
    /// The device at a position.
    public subscript(_ position: Int) -> RingDevice { self.devices[position] }
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
