internal import RingCore
internal import RingOAuth

/// One row of `token_account`, with its secrets as they are stored.
struct RingSQLiteTokenRow: Sendable {
    /// In the order of the columns.
    let values: [RingSQLiteValue]

    init(_ record: RingTokenRecord, sealing sealer: RingTokenSealer) throws {
        typealias Schema = RingSQLiteTokenSchema
        let secrets = try sealer.seal(RingTokenSealer.Secrets(record), for: record.accountID)
        let (tokens, attempt, link) = (record.tokens, record.attempt, record.link)
        let times: [RingSQLiteValue] = [
            RingSQLiteValue(tokens.map { Schema.microseconds($0.accessExpiresAt) }),
            RingSQLiteValue(tokens.map { Schema.microseconds($0.refreshExpiresAt) }),
            RingSQLiteValue(tokens.map { Schema.microseconds($0.issuedAt) }), RingSQLiteValue(tokens?.scope.rawValue),
        ]
        let attempts: [RingSQLiteValue] = [
            RingSQLiteValue(attempt?.holder), RingSQLiteValue(attempt?.fence),
            RingSQLiteValue(attempt.map { Schema.microseconds($0.startedAt) }),
            RingSQLiteValue(attempt.map { Schema.microseconds($0.expiresAt) }),
        ]
        let links: [RingSQLiteValue] = [
            RingSQLiteValue(link?.principal.rawValue), RingSQLiteValue(link?.time),
            RingSQLiteValue(link?.step.rawValue), RingSQLiteValue(link?.worker),
            RingSQLiteValue(link.map { Schema.microseconds($0.workerExpiresAt) }),
        ]
        let head: [RingSQLiteValue] = [
            .text(record.accountID.rawValue), .integer(record.version), .text(record.stage.rawValue),
            .text(record.condition.rawValue), .integer(record.generation), .integer(record.fence),
        ]
        let tail: [RingSQLiteValue] = [
            RingSQLiteValue(record.seed), .integer(Schema.microseconds(record.exchangedAt)),
            RingSQLiteValue(record.linkedAt.map(Schema.microseconds)),
            RingSQLiteValue(record.refreshDueAt.map(Schema.microseconds)), .blob(secrets),
            RingSQLiteValue(RingTokenSealer.keyID(of: secrets)), RingSQLiteValue(record.warnedDays.map { Int64($0) }),
        ]
        self.values = head + times + attempts + links + tail
    }

    init(_ row: RingSQLiteRow) {
        let isText: Set<Int32> = [0, 2, 3, 9, 10, 14, 15, 16, 17, 19, 24]
        self.values = (0..<26).map { (column: Int32) in
            if row.isNull(column) { return .null }
            if column == 23 { return .blob(row.blob(column)) }
            return isText.contains(column) ? .text(row.text(column)) : .integer(row.integer(column))
        }
    }

    func record(opening sealer: RingTokenSealer) throws -> RingTokenRecord {
        typealias Schema = RingSQLiteTokenSchema
        let account = RingAccountID(rawValue: self.text(0) ?? "")
        guard case .blob(let bytes) = self.values[23], let stage = RingLinkStage(rawValue: self.text(2) ?? ""),
            let condition = RingTokenCondition(rawValue: self.text(3) ?? ""), let exchanged = self.integer(20)
        else {
            throw RingError(
                code: .storageFailed,
                message: "the stored account \(account) has a state this release does not know; run the newer release")
        }
        let secrets = try sealer.open(bytes, for: account)
        var tokens: OAuthTokens?
        if let issued = self.integer(8), let access = self.integer(6), let refresh = self.integer(7) {
            tokens = OAuthTokens(
                accessToken: secrets.accessToken, accessExpiresAt: Schema.date(access),
                refreshToken: secrets.refreshToken, refreshExpiresAt: Schema.date(refresh),
                issuedAt: Schema.date(issued), scope: OAuthScope(self.text(9) ?? ""))
        }
        var record = RingTokenRecord(
            accountID: account, stage: stage, tokens: tokens, now: Schema.date(exchanged), condition: condition)
        record.version = self.integer(1) ?? 0
        record.generation = self.integer(4) ?? 0
        record.fence = self.integer(5) ?? 0
        record.seed = self.text(19)
        record.linkedAt = self.integer(21).map(Schema.date)
        record.refreshDueAt = self.integer(22).map(Schema.date)
        record.warnedDays = self.integer(25).map { Int(clamping: $0) }
        if let holder = self.text(10), let started = self.integer(12), let expires = self.integer(13) {
            record.attempt = RingRefreshAttempt(
                holder: holder, fence: self.integer(11) ?? 0, startedAt: Schema.date(started),
                expiresAt: Schema.date(expires))
        }
        if let principal = self.text(14), let step = RingLinkProgress.Step(rawValue: self.text(16) ?? "") {
            record.link = RingLinkProgress(
                principal: RingPrincipal(rawValue: principal), nonce: secrets.nonce ?? "", time: self.text(15) ?? "",
                accountIdentifier: secrets.accountIdentifier, step: step, worker: self.text(17),
                workerExpiresAt: Schema.date(self.integer(18) ?? 0))
        }
        return record
    }

    private func text(_ column: Int) -> String? {
        if case .text(let text) = self.values[column] { text } else { nil }
    }

    private func integer(_ column: Int) -> Int64? {
        if case .integer(let integer) = self.values[column] { integer } else { nil }
    }
}
