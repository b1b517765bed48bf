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
        let keeper = self.keeper
        return await self.exchanges.response(for: code, keeper.environment) { account in
            await !keeper.saveUnsaved().contains(account)
        } _: {
            await self.response(to: code)
        }
    }

    private func response(to code: String) async -> (RingTokenExchangeAnswer, unsaved: RingAccountID?) {
        do {
            switch await self.keeper.client.exchange(OAuthAuthorizationCode(code), verifier: nil) {
            case .granted(let grant):
                do {
                    _ = try await self.identify(accepting: grant)
                } catch let error as RingError where error.code == .storageFailed || error.code == .misconfigured {
                    let account = RingTokenKeeper.provisionalID(of: grant)
                    if self.keeper.isUnsaved(account) { return (RingTokenExchangeAnswer(500, "store_failed"), account) }
                    // The tokens are stored; who they belong to is found out later.
                }
                return (RingTokenExchangeAnswer(200, "stored"), nil)
            case .rejected: throw RingError.invalidCode
            case .misconfigured(let refusal): throw RingError.misconfigured(refusal, .codeExchange)
            case .transient(let error), .unknown(let error): throw error
            }
        } catch let error as RingError {
            switch error.code {
            case .invalidCode: return (RingTokenExchangeAnswer(400, "code_invalid"), nil)
            case .storageFailed: return (RingTokenExchangeAnswer(500, "store_failed"), nil)
            case .invalidClient, .misconfigured: return (RingTokenExchangeAnswer(500, "misconfigured"), nil)
            // A whole 429 or 5xx used nothing up either.
            case .rateLimited, .serverFailure: return (RingTokenExchangeAnswer(503, "try_again"), nil)
            default:
                return error.delivery == .notSent
                    ? (RingTokenExchangeAnswer(503, "try_again"), nil)
                    : (RingTokenExchangeAnswer(502, "outcome_unknown"), nil)
            }
        } catch { return (RingTokenExchangeAnswer(502, "outcome_unknown"), nil) }
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
            found = RingHTTPForm(parsing: request.body).only("code")
        }
        found = found ?? request.query.flatMap { RingHTTPForm(parsing: $0.utf8).only("code") }
        guard let found, !found.isEmpty, found.utf8.count <= 8_192 else { return nil }
        return found
    }
}
