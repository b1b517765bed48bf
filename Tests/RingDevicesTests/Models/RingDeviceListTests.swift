import RingCore
import RingDevices
import RingJSONAPI
import Testing

@Suite struct RingDeviceListTests {
    private static func list(_ data: String, _ included: String) throws -> RingDeviceList {
        RingDeviceList(try JSONAPIDocument(parsing: Array(#"{"data":[\#(data)],"included":[\#(included)]}"#.utf8)))
    }

    private static func relation(_ name: String, _ type: String, _ id: String) -> String {
        #""\#(name)":{"data":{"type":"\#(type)","id":"\#(id)"}}"#
    }

    private static func device(_ id: String, _ relations: String...) -> String {
        #"{"type":"devices","id":"\#(id)","relationships":{\#(relations.joined(separator: ","))}}"#
    }

    private let included = [
        #"{"type":"device-status","id":"s1","attributes":{"online":true,"state":"on"}}"#,
        #"{"type":"device-status","id":"s2","attributes":{"battery_status":{"percentage":7}}}"#,
        #"{"type":"device-capabilities","id":"c1","attributes":{"video":{"codecs":["AVC"]}}}"#,
        #"{"type":"device-configurations","id":"f1","attributes":{"audio":{"volume":3}}}"#,
        #"{"type":"locations","id":"l1","attributes":{"country":"US"}}"#,
    ].joined(separator: ",")

    @Test func whatIsNotIncludedIsAbsentFromEachDevice() throws {
        let list = try Self.list(
            [
                Self.device("a"), Self.device("b", Self.relation("status", "device-status", "s1")),
                Self.device("c", Self.relation("capabilities", "device-capabilities", "c1")),
                #"{"type":"toasters","id":"t"}"#,
                Self.device(
                    "d", Self.relation("status", "device-status", "gone"),
                    Self.relation("configurations", "device-configurations", "f1"),
                    Self.relation("location", "locations", "l1")),
                #"{"type":"devices","id":"e"}"#,
            ].joined(separator: ","), self.included)
        #expect(list.map(\.id.rawValue) == ["a", "b", "c", "d", "e"])
        #expect(list.map { $0.status != nil } == [false, true, false, false, false])
        #expect(list.map { $0.capabilities != nil } == [false, false, true, false, false])
        #expect(list.map { $0.configurations != nil } == [false, false, false, true, false])
        #expect(list.map { $0.location?.country } == [nil, nil, nil, "US", nil])
        #expect(list.allSatisfy { $0.raw?["id"]?.string == $0.id.rawValue })
        #expect(list.problems.map(\.reason) == ["not a device"])
    }

    @Test func everythingAndNothingIncluded() throws {
        let relations = [
            Self.relation("status", "device-status", "s1"), Self.relation("capabilities", "device-capabilities", "c1"),
            Self.relation("configurations", "device-configurations", "f1"),
        ].joined(separator: ",")
        let whole = try #require(try Self.list(Self.device("a", relations), self.included).first)
        #expect(whole.status?.isOnline == true && whole.status?.raw?["id"]?.string == "s1")
        #expect(whole.capabilities?.video?.codecs == [.avc] && whole.capabilities?.raw?["id"]?.string == "c1")
        #expect(whole.configurations?.audio?.volume == 3 && whole.configurations?.raw?["id"]?.string == "f1")
        let bare = try #require(try Self.list(Self.device("a", relations), "").first)
        #expect(bare.status == nil && bare.capabilities == nil && bare.configurations == nil && bare.location == nil)
    }

    @Test func ofTwoRelationshipsWithOneNameTheLastCountsAlone() throws {
        let device = Self.device(
            "a", Self.relation("status", "device-status", "s1"), Self.relation("status", "device-status", "s2"))
        let status = try #require(try Self.list(device, self.included).first?.status)
        #expect(status.isOnline == nil)
        #expect(status.battery?.percentage == 7 && status.raw?["id"]?.string == "s2")
    }
}
