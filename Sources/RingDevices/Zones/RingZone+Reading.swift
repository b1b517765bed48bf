@_spi(RingModels) internal import RingJSONAPI

extension RingZone {
    private enum Member: String, CaseIterable { case id, vertices }
    private enum PointMember: String, CaseIterable { case x, y }

    private static let members = JSONAPINames<Member>()
    private static let pointMembers = JSONAPINames<PointMember>()

    /// The zones of an array, and whether every one of them could be read.
    internal static func list(
        _ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader
    ) -> (zones: [RingZone], isComplete: Bool) {
        guard value.isArray else {
            if value.isNull { return ([], true) }
            reader.problem(value, "not an array")
            return ([], false)
        }
        var zones: [RingZone] = []
        zones.reserveCapacity(value.elementCount)
        var isComplete = true
        value.forEachElement { element in
            if let zone = RingZone(element, path, &reader) {
                zones.append(zone)
            } else {
                isComplete = false
                reader.problem(element, "zone without readable vertices")
            }
            return true
        }
        return (zones, isComplete)
    }

    private init?(_ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader) {
        self.init(vertices: [])
        var isReadable = false
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .id: self.id = reader.text(value, path) ?? ""
            case .vertices: isReadable = self.readVertices(value, path, &reader)
            case nil: reader.unknownMember(value, in: path)
            }
        }
        guard isReadable else { return nil }
    }

    private mutating func readVertices(
        _ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader
    ) -> Bool {
        guard value.isArray else { return false }
        self.vertices.reserveCapacity(value.elementCount)
        var isReadable = true
        value.forEachElement { element in
            var (x, y): (Double?, Double?) = (nil, nil)
            element.forEachMember(of: Self.pointMembers) { member, value in
                switch member {
                case .x: x = reader.double(value, path)
                case .y: y = reader.double(value, path)
                case nil: reader.unknownMember(value, in: path)
                }
            }
            guard let x, let y else {
                isReadable = false
                return false
            }
            self.vertices.append(RingZonePoint(x: x, y: y))
            return true
        }
        return isReadable && self.vertices.count >= 3
    }
}
