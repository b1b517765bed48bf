import RingPartner
import RingSQLite
import Support

/// Lists the devices of one linked account: the lines of the README, with their settings from the environment.
@main
struct ListDevices {
    static func main() async throws {
        let settings = Settings()
        let clientID = settings.required("RING_CLIENT_ID")
        let clientSecret = settings.required("RING_CLIENT_SECRET")
        let hmacKey = settings.required("RING_HMAC_KEY")
        let accountID = RingAccountID(rawValue: settings.required("RING_ACCOUNT"))

        let storage = try await RingSQLiteDatabase.open(.file("ring.sqlite"))
        let ring = try RingPartnerClient(
            RingPartnerConfiguration(
                credentials: OAuthCredentials(clientID: clientID, clientSecret: OAuthClientSecret(clientSecret)),
                hmacKeys: [RingHMACKey(hmacKey)], storage: storage, sealing: .fromEnvironment()))

        for device in try await ring.account(accountID).devices.list() {
            print(device.name ?? "unnamed", device.likelyKind, device.status?.isOnline == true ? "online" : "offline")
        }
    }
}
