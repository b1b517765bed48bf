import Foundation
import RingCore
import RingCurl
import RingDevices
import RingJSONAPI

extension Benchmark {
    /// What an application calls: the device list over loopback, through every layer, to typed values; against libcurl in a
    /// loop that never leaves its thread, and the same decoding behind it.
    static let getDevices = Benchmark(
        name: "devices.get", unit: "call", sizes: [20],
        contenders: { size in
            let server = try BenchmarkServer.shared()
            let origin = try server.url("")
            // Ring allows 100 calls a second; here nobody waits.
            let shared = RingSharedPipeline(
                transport: RingCurlTransport.shared, rateBudget: RingLocalRateBudget(limit: 1_000_000))
            let devices = RingDevicesClient(
                api: RingAPIClient(
                    baseURL: origin,
                    transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: origin)))
            let raw = RawCurl(try server.url("/v1/devices").absoluteString)
            return [
                Contender("RingDevicesClient, 10 devices") {
                    var sum = 0
                    for _ in 0..<size { sum += try await devices.devices(include: .all).devices.count }
                    return sum
                },
                Contender("raw libcurl loop, then decode") {
                    var sum = 0
                    for _ in 0..<size {
                        sum += RingDeviceList(try JSONAPIDocument(parsing: raw.getBytes())).devices.count
                    }
                    return sum
                },
                Contender("raw libcurl loop") {
                    var sum = 0
                    for _ in 0..<size { sum += raw.get() }
                    return sum
                },
            ]
        }, goals: [.atLeast(1 / 1.5, timesAsFastAs: "raw libcurl loop, then decode")])
}
