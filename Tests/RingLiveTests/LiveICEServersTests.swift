import RingLive
import RingWHEP
import Testing

@Suite struct LiveICEServersTests {
    @Test(
        arguments: [
            ("stun:stun.example.net", "stun://stun.example.net:3478"),
            ("stun:[2001:db8::1]:19302", "stun://[2001:db8::1]:19302"),
            ("STUN:host:1", "stun://host:1"), ("stun:a b", nil), ("stun:", nil), ("http://x", nil), ("", nil),
        ] as [(String, String?)])
    func stun(url: String, expected: String?) {
        #expect(LiveICEServers([WHEPICEServer(url: url)]).stun == expected)
    }

    @Test func turnKeepsItsTransportAndEncodesItsPassword() {
        let servers = LiveICEServers([
            WHEPICEServer(
                url: "turn:turn.example.net?transport=udp", username: "user,1",
                credential: WHEPICECredential(#"p;w"x@:/"#)),
            WHEPICEServer(url: "turns:turn.example.net:443", username: "u", credential: WHEPICECredential("c")),
            WHEPICEServer(url: "turn:without.example.net"),
        ])

        #expect(
            servers.turn == [
                "turn://user%2C1:p%3Bw%22x%40%3A%2F@turn.example.net:3478?transport=udp",
                "turns://u:c@turn.example.net:443",
            ])
        #expect(servers.stun == nil)
    }
}
