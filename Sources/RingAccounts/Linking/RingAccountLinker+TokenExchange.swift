internal import RingCore
internal import RingJSONAPI
internal import RingOAuth

extension RingAccountLinker {
    /// Answers the Token Exchange URL, in whatever web framework it lives.
    ///
    /// The code is exchanged inside the request, well within its 60 seconds; a broken connection does not cut it off, and
    /// the same code posted twice is exchanged once. The answers: 200 `stored` (whether or not `users/me` could be asked
    /// yet), 400 for a missing code or one that Ring knows no more, 405 for anything but POST, 413 for a body over 64 KiB,
    /// 503 when Ring could not be reached and the code is unspent, 502 when the outcome is unknown, 500 for a wrong client
    /// secret or a failing store.
    ///
    /// - Parameter request: What Ring sent: a form, JSON, or a query.
    /// - Returns: What to answer. It holds nothing secret.
    public func handle(_ request: RingTokenExchangeRequest) async -> RingTokenExchangeAnswer {
        guard request.method.uppercased() == "POST" else { return RingTokenExchangeAnswer(405, "method_not_allowed") }
        guard request.body.count <= 64 * 1024, (request.query?.utf8.count ?? 0) <= 64 * 1024 else {
            return RingTokenExchangeAnswer(413, "too_large")
        }
        guard let code = Self.code(in: request) else { return RingTokenExchangeAnswer(400, "code_missing") }
        let now = self.keeper.environment.clock.now()
        return await self.exchanges.answer(for: code, now: now) { await self.answer(to: code) }
    }

    private func answer(to code: String) async -> RingTokenExchangeAnswer {
        do {
            _ = try await self.exchange(OAuthAuthorizationCode(code))
            return RingTokenExchangeAnswer(200, "stored")
        } catch let error as RingError {
            switch error.code {
            case .invalidCode: return RingTokenExchangeAnswer(400, "code_invalid")
            case .storageFailed: return RingTokenExchangeAnswer(500, "store_failed")
            case .invalidClient, .misconfigured: return RingTokenExchangeAnswer(500, "misconfigured")
            // A whole 429 or 5xx spent nothing either.
            case .rateLimited, .serverFailure: return RingTokenExchangeAnswer(503, "try_again")
            default:
                return error.delivery == .notSent
                    ? RingTokenExchangeAnswer(503, "try_again") : RingTokenExchangeAnswer(502, "outcome_unknown")
            }
        } catch { return RingTokenExchangeAnswer(502, "outcome_unknown") }
    }

    /// The code, from the form, the JSON body or the query; `nil` when there is none.
    private static func code(in request: RingTokenExchangeRequest) -> String? {
        let isJSON = request.contentType?.lowercased().contains("json") ?? false
        let first = request.body.first {
            $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r")
        }
        var found: String?
        if isJSON || first == UInt8(ascii: "{") {
            let root = try? JSONAPIValue(parsing: request.body)
            found = root?["code"]?.string ?? root?["data"]?["attributes"]?["code"]?.string
        } else {
            found = RingForm(request.body).only("code")
        }
        found = found ?? request.query.flatMap { RingForm(Array($0.utf8)).only("code") }
        guard let found, !found.isEmpty, found.utf8.count <= 8_192 else { return nil }
        return found
    }
}
