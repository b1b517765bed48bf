#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a negotiation that went well has learnt.
struct WHEPOpened: Sendable {
    var url: URL
    var answer: SDPCheckedAnswer
    var isCounterOffer: Bool
    /// The clock's uptime and date when the server's answer arrived.
    var openedAt: Duration
    var date: Date
    var iceServers: [WHEPICEServer]
    var extensions: [WHEPExtensionLink]
    var entityTag: String?
    var takesICEChanges: Bool
}
