import Foundation
import RingCore
import RingCurl
import RingDevices
import RingJSONAPI

extension Benchmark {
    /// What an application calls: the device list over loopback, through every layer, to typed values; against libcurl in a
    /// loop that never leaves its thread, sending the same request, and the same decoding behind it.
    static let getDevices = Benchmark.deviceList("devices.get", "RingDevicesClient, 10 devices") { try await $0() }

    /// The same by a task that prefers the transport as its executor, and so never leaves its thread either.
    static let getDevicesOnOneThread = Benchmark.deviceList(
        "devices.get.executor", "RingDevicesClient, on the transport's thread"
    ) { work in
        try await withTaskExecutorPreference(RingCurlTransport.shared) { try await work() }
    }

    private static func deviceList(
        _ name: String, _ contender: String,
        run: @escaping @Sendable (_ work: @escaping @Sendable () async throws -> Int) async throws -> Int
    ) -> Benchmark {
        Benchmark(
            name: name, unit: "call", sizes: [20],
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
                let url = try RingURL.make(
                    origin, path: ["v1", "devices"],
                    query: [("include", "capabilities,configurations,location,status")])
                let raw = RawCurl(
                    url.absoluteString, fields: ["Accept: application/json", "Authorization: Bearer token"])
                return [
                    Contender(contender) {
                        try await run {
                            var sum = 0
                            for _ in 0..<size { sum += try await devices.devices(include: .all).devices.count }
                            return sum
                        }
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
}
