import Foundation
import RingCore
import RingCurl
import RingDevices
import RingJSONAPI

extension Benchmark {
    /// What an application calls: the device list over loopback, through all middleware, to typed values; against libcurl in a
    /// loop that never leaves its thread, sending the same request, and the same decoding after it.
    static let getDevices = Benchmark.deviceList("devices.get", .pool)

    /// The same by a task that prefers the transport as its executor, and so never leaves its thread either.
    static let getDevicesOnOneThread = Benchmark.deviceList("devices.get.executor", .transport)

    private static func deviceList(_ name: String, _ caller: Caller) -> Benchmark {
        Benchmark(
            name: name, unit: "call", sizes: [20],
            contenders: { size in
                let server = try BenchmarkServer.shared()
                let origin = try server.url("")
                // Ring allows 100 calls a second; here no call waits.
                let shared = RingSharedPipeline(
                    transport: RingCurlTransport.shared, rateBudget: RingLocalRateBudget(limit: 1_000_000))
                let devices = RingDevicesClient(
                    api: RingAPIClient(
                        baseURL: origin,
                        transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: origin)))
                let raw = RawCurl(
                    origin.absoluteString + "/v1/devices?include=capabilities%2Cconfigurations%2Clocation%2Cstatus",
                    fields: ["Accept: application/json", "Authorization: Bearer token"])
                return [
                    Contender("RingDevicesClient", times: size, caller) {
                        try await devices.list().count
                    },
                    Contender("raw libcurl loop, then decode", times: size) {
                        RingDeviceList(try JSONAPIDocument(parsing: raw.getBytes())).count
                    },
                    Contender("raw libcurl loop", times: size) { raw.get() },
                ]
            }, goals: [.atLeast(1 / 1.5, timesAsFastAs: "raw libcurl loop, then decode")])
    }
}
