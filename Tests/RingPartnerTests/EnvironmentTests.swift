import Foundation
import RingPartner
import RingTesting
import Testing

@Suite struct EnvironmentTests {
    private static let sealingKey = "c2VhbGluZy1rZXktZm9yLXRlc3RzLW9ubHktMDAwMDE="
    private static let complete = [
        "RING_CLIENT_ID": "client-1", "RING_CLIENT_SECRET": "SECRET-client", "RING_HMAC_KEY": "SECRET-hmac",
        "RING_SEALING_KEYS": sealingKey,
    ]

    private func configuration(_ changes: [String: String]) throws -> RingPartnerConfiguration {
        let variables = Self.complete.merging(changes) { $1 }
        return try .fromEnvironment(variables, storage: RingMemoryStorage())
    }

    private func error(_ variables: [String: String]) throws -> RingConfigurationError {
        try #require(
            throws: RingConfigurationError.self,
            performing: { try RingPartnerConfiguration.fromEnvironment(variables, storage: RingMemoryStorage()) })
    }

    @Test func readsTheSettingsOfAnApp() throws {
        let configuration = try self.configuration([:])

        #expect(configuration.credentials.clientID == "client-1")
        #expect(configuration.credentials.clientSecret.revealed == "SECRET-client")
        #expect(configuration.hmacKeys == [try RingHMACKey("SECRET-hmac")])
        #expect(try configuration.sealing == RingSealingKeyRing(text: Self.sealingKey))
        #expect(configuration.apiURL.absoluteString == RingURL.api)
        #expect(configuration.oauthURL.absoluteString == RingURL.oauth)
        _ = try RingPartnerClient(configuration)
    }

    @Test func readsTwoHMACKeysDuringAKeyChange() throws {
        let configuration = try self.configuration(["RING_HMAC_KEY": "", "RING_HMAC_KEYS": "new=, old="])

        #expect(configuration.hmacKeys == [try RingHMACKey("new="), try RingHMACKey("old=")])
    }

    @Test func readsOtherOrigins() throws {
        let configuration = try self.configuration([
            "RING_API_URL": "http://127.0.0.1:8080", "RING_OAUTH_URL": "http://127.0.0.1:8081",
        ])

        #expect(configuration.apiURL.absoluteString == "http://127.0.0.1:8080")
        #expect(configuration.oauthURL.absoluteString == "http://127.0.0.1:8081")
    }

    @Test func choosesWhatIsWritten() throws {
        #expect(try self.configuration([:]).environment.observer is RingStandardErrorLog)
        for level in ["debug", "info", "warning", "error"] {
            #expect(try self.configuration(["RING_LOG": level]).environment.observer is RingStandardErrorLog)
        }
        let silent = try self.configuration(["RING_LOG": "off"])
        #expect(!(silent.environment.observer is RingStandardErrorLog) && !silent.environment.isObserved)
        let error = try self.error(Self.complete.merging(["RING_LOG": "loud"]) { $1 })
        #expect(error.unreadable["RING_LOG"]?.contains("off") == true)
    }

    @Test func namesEveryMissingVariable() throws {
        let error = try self.error(["RING_CLIENT_SECRET": ""])

        #expect(error.missing == ["RING_CLIENT_ID", "RING_CLIENT_SECRET", "RING_HMAC_KEY", "RING_SEALING_KEYS"])
        #expect(error.unreadable.isEmpty)
        for name in error.missing { #expect(error.description.contains(name)) }
        #expect(error.localizedDescription == error.description)
    }

    @Test func namesEveryUnreadableVariableBesideTheMissingOnes() throws {
        let error = try self.error([
            "RING_CLIENT_ID": "client-1", "RING_HMAC_KEYS": " , ", "RING_SEALING_KEYS": "CANARY-sealing",
            "RING_API_URL": "http://CANARY-host.example", "RING_OAUTH_URL": "ftp://CANARY-host.example",
        ])

        #expect(error.missing == ["RING_CLIENT_SECRET"])
        #expect(
            error.unreadable.keys.sorted() == ["RING_API_URL", "RING_HMAC_KEYS", "RING_OAUTH_URL", "RING_SEALING_KEYS"])
        var dumped = ""
        dump(error, to: &dumped)
        for text in [error.description, error.localizedDescription, "\(error)", String(reflecting: error), dumped] {
            #expect(!text.contains("CANARY"), "\(text)")
        }
    }

    @Test func doesNotReplaceUnreadableKeysByTheSingleOne() throws {
        let error = try self.error(Self.complete.merging(["RING_HMAC_KEYS": ","]) { $1 })

        #expect(error.missing.isEmpty)
        #expect(Array(error.unreadable.keys) == ["RING_HMAC_KEYS"])
    }

    @Test func refusesBothVariablesOfTheHMACKey() throws {
        let error = try self.error(Self.complete.merging(["RING_HMAC_KEYS": "new=,old="]) { $1 })

        #expect(error.missing.isEmpty)
        #expect(error.unreadable == ["RING_HMAC_KEYS": "RING_HMAC_KEY is set, too; set only one of them"])
    }

    @Test(arguments: ["\n", "\r\n"])
    func ignoresALineBreakAtTheEndOfAValue(lineBreak: String) throws {
        let configuration = try self.configuration(Self.complete.mapValues { $0 + lineBreak })

        #expect(configuration.credentials.clientID == "client-1")
        #expect(configuration.credentials.clientSecret.revealed == "SECRET-client")
        #expect(configuration.hmacKeys == [try RingHMACKey("SECRET-hmac")])
    }

    @Test(arguments: [" CANARY", "CANARY ", "CANARY\n\n", "\tCANARY", " \n"])
    func refusesOtherWhiteSpaceAroundAValue(value: String) throws {
        let names = ["RING_CLIENT_ID", "RING_CLIENT_SECRET", "RING_HMAC_KEY", "RING_SEALING_KEYS", "RING_API_URL"]
        for name in names {
            let error = try self.error(Self.complete.merging([name: value]) { $1 })

            #expect(error.unreadable == [name: "white space surrounds the value; remove it"])
            #expect(!error.description.contains("CANARY"))
        }
    }

    @Test(arguments: [
        "https://api.example/v1", "https://api.example?x=CANARY", "https://api.example/?", "https://api.example#CANARY",
        "https://u@api.example", "https://u:CANARY@api.example", "https://:CANARY@api.example",
    ])
    func refusesAURLThatIsNoOrigin(url: String) throws {
        for name in ["RING_API_URL", "RING_OAUTH_URL"] {
            let error = try self.error(Self.complete.merging([name: url]) { $1 })

            #expect(Array(error.unreadable.keys) == [name])
            #expect(!error.description.contains("CANARY"))
        }
        let error = try #require(
            throws: RingError.self,
            performing: {
                try RingPartnerConfiguration(
                    credentials: OAuthCredentials(clientID: "c", clientSecret: OAuthClientSecret("s")),
                    storage: RingMemoryStorage(), sealing: nil, apiURL: url)
            })
        #expect(error.code == .misconfigured && error.message.contains("apiURL"))
        #expect(try self.configuration(["RING_API_URL": "https://api.example/"]).apiURL.path() == "/")
    }
}
