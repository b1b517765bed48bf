import Foundation
import RingDevices
import RingJSONAPI

extension Benchmark {
    /// Reading alone: bytes to the index, to the document, and the floor of Foundation's scanner.
    static let readDevices = Benchmark(
        name: "read.devices", unit: "device", sizes: [1, 10, 100, 1000],
        contenders: { size in
            let bytes = DeviceDocument.bytes(devices: size)
            let data = Data(bytes)
            return [
                Contender("JSONAPIValue") { try JSONAPIValue(parsing: bytes).count },
                Contender("JSONAPIDocument") { try JSONAPIDocument(parsing: bytes).resources.count },
                Contender("JSONSerialization") {
                    (try JSONSerialization.jsonObject(with: data) as? [String: Any])?.count ?? 0
                },
            ]
        },
        goals: [.atLeast(10, timesAsFastAs: "JSONSerialization"), .flat(within: 1.5)])

    /// A list with its four includes to typed values, equivalent ones on both sides.
    static let decodeDevices = Benchmark(
        name: "decode.devices", unit: "device", sizes: [1, 10, 100, 1000],
        contenders: { size in
            let bytes = DeviceDocument.bytes(devices: size)
            let data = Data(bytes)
            return [
                Contender("RingDevices") { RingDeviceList(try JSONAPIDocument(parsing: bytes)).count },
                Contender("JSONAPIDocument, plain models") {
                    PlainDocument(try JSONAPIDocument(parsing: bytes)).included.count
                },
                Contender("JSONDecoder, plain models") {
                    try JSONDecoder().decode(PlainDocument.self, from: data).included.count
                },
            ]
        },
        goals: [
            .atMost(microsecondsAUnit: 5), .atLeast(10, timesAsFastAs: "JSONDecoder, plain models"), .flat(within: 1.5),
        ])
}
