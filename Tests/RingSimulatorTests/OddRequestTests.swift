import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// What nobody should send is refused, and the simulator goes on.
@Suite(.timeLimit(.minutes(5))) struct OddRequestTests {
    private static let values = [
        "null", "true", "-1", "0", "1.5", "1e400", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616",
        #""""#, #""\u0000""#, #""𝕏""#, "[]", "{}", "[[[[[]]]]]", #"[{"component_id":null}]"#, #"{"a":{"b":[]}}"#,
    ]

    private static let members = [
        "timestamp", "duration", "type", "start_timestamp", "end_timestamp", "video_options", "audio_options",
        "image_options", "components", "nonce", "status", "account_identifier", "data", "audio_ref", "event",
    ]

    /// The paths that read a body, with a method.
    private static func targets(_ bench: Bench) -> [(String, String)] {
        let (door, chime) = (bench.device(.doorbell), bench.device(.chime))
        return [
            ("POST", "\(door)/media/video/download"), ("POST", "\(door)/media/image/download"),
            ("POST", "\(chime)/media/audio/playback"), ("POST", "/v1/accounts/me/app-integrations"),
            ("PATCH", "/v1/accounts/me/app-integrations"),
        ]
    }

    @Test(arguments: Self.members) func oddMembersAreRefused(member: String) async throws {
        try await Bench.run { bench async throws in
            let now = bench.simulator.milliseconds
            for value in Self.values {
                // Alone, and in the place of one of the members that a request needs.
                for rest in [
                    [], [("timestamp", "\(now)"), ("duration", "1000"), ("type", #""at_timestamp""#)],
                    [
                        ("start_timestamp", "\(now)"), ("end_timestamp", "\(now)"),
                        ("type", #""latest_in_range""#),
                    ],
                ] {
                    let others = rest.filter { $0.0 != member }.map { ",\"\($0.0)\":\($0.1)" }.joined()
                    for (method, path) in Self.targets(bench) {
                        let reply = try await bench.send(method, path, body: "{\"\(member)\":\(value)\(others)}")
                        #expect((200..<500).contains(reply.status), "\(path) \(member) \(value): \(reply.status)")
                    }
                }
            }
            #expect(try await bench.get("/v1/devices").status == 200)
        }
    }

    @Test(arguments: ["width", "height", "frame_rate", "codec", "format", "audio_enabled"])
    func oddOptionsAreRefused(name: String) async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion()
            for value in Self.values where value != "null" {
                for options in [#""resolution":{"\#(name)":\#(value)}"#, #""\#(name)":\#(value)"#] {
                    let all = ["video_options", "image_options", "audio_options"].map { #""\#($0)":{\#(options)}"# }
                    let body =
                        #"{"timestamp":\#(time),"duration":1000,"type":"at_timestamp",\#(all.joined(separator: ","))}"#
                    for (method, path) in Self.targets(bench).prefix(2) {
                        let reply = try await bench.send(method, path, body: body)
                        #expect([303, 400].contains(reply.status), "\(name) \(value): \(reply.status)")
                    }
                }
            }
        }
    }

    @Test func oddQueriesAreRefused() async throws {
        try await Bench.run { bench async throws in
            let door = bench.device(.doorbell)
            for text in [
                "", "%00", "%FF%FE", "%", "a%ZZ", "..%2F..", String(repeating: "9", count: 400), "1&page%5Bkey%5D=2",
            ] {
                for path in [
                    "/v1/devices?include=\(text)", "\(door)/capabilities?component_id=\(text)",
                    "/v1/accounts/me/subscriptions?page%5Bcursor%5D=\(text)",
                    "/v1/history/devices/\(segment(bench.simulator.id(.doorbell).rawValue))/events?page%5Bkey%5D=\(text)",
                ] {
                    // The listener itself refuses some of them.
                    let reply = try? await bench.get(path)
                    #expect([200, 400, 404, nil].contains(reply?.status), "\(path)")
                }
            }
            #expect(try await bench.get("/v1/devices").status == 200)
        }
    }

    /// An offer with a line removed, doubled or cut, two hundred times.
    @Test func damagedOffersAreRefusedOrAccepted() async throws {
        try await Bench.run { bench async throws in
            let lines = Bench.offer(audio: "recvonly").split(separator: "\r\n").map(String.init)
            var number: UInt64 = 1
            func next(_ count: Int) -> Int {
                number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(number >> 33) % count
            }
            for _ in 0..<200 {
                var damaged = lines
                for _ in 0...next(3) {
                    let index = next(damaged.count)
                    switch next(4) {
                    case 0: damaged.remove(at: index)
                    case 1: damaged.insert(damaged[index], at: next(damaged.count))
                    case 2: damaged[index] = String(damaged[index].prefix(next(damaged[index].count + 1)))
                    default: damaged[index] += " \(next(100_000)):=/ "
                    }
                    if damaged.isEmpty { damaged = ["v=0"] }
                }
                let reply = try await bench.open(damaged.joined(separator: "\r\n") + "\r\n")
                #expect([201, 400, 500].contains(reply.status), "\(damaged)")
            }
            #expect(try await bench.get("/v1/devices").status == 200)
        }
    }
}
