internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One line for each request and each attempt to deliver a webhook, without secrets and control characters.
struct RequestLog: Sendable {
    let write: @Sendable (String) -> Void

    func note(_ entry: JournalEntry) {
        let request = entry.request
        var line = "\(Self.time(request.time)) \(request.origin.rawValue) \(request.method) \(request.path)"
        if let query = request.query, !query.isEmpty { line += "?\(query)" }
        line += request.status == 0 ? " closed" : " \(request.status)"
        line += " \(Self.milliseconds(entry.duration)) ms"
        if let account = request.account { line += " \(account.rawValue)" }
        self.write(PrintableText.line(line))
    }

    func note(_ delivery: RingSimulatorDelivery, _ url: String, _ outcome: WebhookSender.Outcome, at time: Int64) {
        var line =
            "\(Self.time(Date(epochMilliseconds: time))) webhook POST \(SecretFilter.address(String(url.prefix { $0 != "?" })))"
        line += outcome.status == 0 ? " no response" : " \(outcome.status)"
        line += " \(Self.milliseconds(outcome.duration)) ms \(delivery.type) #\(delivery.number)"
        if let failure = outcome.failure { line += ": \(failure)" }
        self.write(PrintableText.line(line))
    }

    private static func time(_ date: Date) -> String { JSONAPITime.format(date, fractionDigits: 3) }

    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int64((duration.fractionalMilliseconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
