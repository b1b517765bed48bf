internal import RingJSONAPI

/// The switches by the names of the control origin and of scenario files.
enum SwitchTable {
    struct Entry: Sendable {
        var name: String
        var read: @Sendable (RingSimulatorSwitches) -> JSONAPILiteral
        var write: @Sendable (inout RingSimulatorSwitches, JSONAPIValue) -> Bool
    }

    static let all: [Entry] = [
        entry("token_error_form", \.tokenErrorForm),
        entry("access_token_seconds", \.accessTokenSeconds),
        entry("refresh_token_seconds", \.refreshTokenSeconds),
        entry("refresh_answers_to_lose", \.refreshAnswersToLose),
        entry("refreshes_to_hold", \.refreshesToHold),
        entry("refresh_answers_to_hold", \.refreshAnswersToHold),
        entry("token_failures", \.tokenFailures),
        entry("token_rate_limits", \.tokenRateLimits),
        entry("code_seconds", \.codeSeconds),
        entry("pkce_code_seconds", \.pkceCodeSeconds),
        entry("code_delivery_json", \.codeDeliveryJson),
        entry("nonce_seconds", \.nonceSeconds),
        entry("nonce_future_milliseconds", \.nonceFutureMilliseconds),
        entry("integration_flat_answers", \.integrationFlatAnswers),
        entry("integration_without_meta", \.integrationWithoutMeta),
        entry("integration_delete_allowed", \.integrationDeleteAllowed),
        entry("users_me_unauthorized_status", \.usersMeUnauthorizedStatus),
        entry("unauthorized_body_empty", \.unauthorizedBodyEmpty),
        entry("devices_without_relationships", \.devicesWithoutRelationships),
        entry("devices_unknown_attributes", \.devicesUnknownAttributes),
        entry("devices_broken_element", \.devicesBrokenElement),
        entry("devices_malformed", \.devicesMalformed),
        entry("history_page_size", \.historyPageSize),
        entry("history_ignores_filters", \.historyIgnoresFilters),
        entry("history_next_on_empty_page", \.historyNextOnEmptyPage),
        entry("history_next_without_filters", \.historyNextWithoutFilters),
        entry("history_string_timestamps", \.historyStringTimestamps),
        entry("history_sub_type", \.historySubType),
        entry("webhooks_withheld", \.webhooksWithheld),
        entry("webhook_sub_type", \.webhookSubType),
        entry("webhook_version", \.webhookVersion),
        entry("webhook_sensor_request_ids", \.webhookSensorRequestIds),
        entry("webhook_bare_signature", \.webhookBareSignature),
        entry("webhook_live_button_id", \.webhookLiveButtonId),
        entry("webhook_duplicates", \.webhookDuplicates),
        entry("webhook_reordered", \.webhookReordered),
        entry("webhook_answer_milliseconds", \.webhookAnswerMilliseconds),
        entry("webhook_subscription_plural", \.webhookSubscriptionPlural),
        entry("whep_location", \.whepLocation),
        entry("whep_delete_status", \.whepDeleteStatus),
        entry("whep_requires_high_profile", \.whepRequiresHighProfile),
        entry("whep_direction_status", \.whepDirectionStatus),
        entry("whep_silent_end_seconds", \.whepSilentEndSeconds),
        entry("whep_failures", \.whepFailures),
        entry("whep_offline", \.whepOffline),
        entry("clip_delivery", \.clipDelivery),
        entry("clip_partial", \.clipPartial),
        entry("media_length_header", \.mediaLengthHeader),
        entry("clip_missing_code", \.clipMissingCode),
        entry("media_not_ready", \.mediaNotReady),
        entry("media_missing", \.mediaMissing),
        entry("media_no_valid_key", \.mediaNoValidKey),
        entry("media_everywhere", \.mediaEverywhere),
        entry("media_problems_at_step_one", \.mediaProblemsAtStepOne),
        entry("media_body", \.mediaBody),
        entry("media_link_seconds", \.mediaLinkSeconds),
        entry("media_cut_after", \.mediaCutAfter),
        entry("media_cuts", \.mediaCuts),
        entry("rate_limit", \.rateLimit),
        entry("rate_limit_retry_after", \.rateLimitRetryAfter),
        entry("rate_limit_strikes", \.rateLimitStrikes),
        entry("api_failures", \.apiFailures),
        entry("removed_device_status", \.removedDeviceStatus),
        entry("removed_integration_status", \.removedIntegrationStatus),
        entry("chime_status", \.chimeStatus),
        entry("subscriptions_unprocessable", \.subscriptionsUnprocessable),
    ]

    static func apply(_ value: JSONAPIValue, to switches: inout RingSimulatorSwitches) -> String? {
        for (name, value) in value.members {
            guard let entry = Self.all.first(where: { $0.name == name }) else { return "no switch is called \(name)" }
            guard entry.write(&switches, value) else { return "\(name) does not take this kind of value" }
        }
        return nil
    }

    static func literal(_ switches: RingSimulatorSwitches) -> JSONAPILiteral {
        .object(Self.all.map { ($0.name, $0.read(switches)) })
    }

    private static func entry(_ name: String, _ path: any (WritableKeyPath<RingSimulatorSwitches, Bool> & Sendable))
        -> Entry
    {
        Entry(name: name, read: { .bool($0[keyPath: path]) }) { switches, value in
            guard let flag = value.bool else { return false }
            switches[keyPath: path] = flag
            return true
        }
    }

    private static func entry(_ name: String, _ path: any (WritableKeyPath<RingSimulatorSwitches, Int> & Sendable))
        -> Entry
    {
        Entry(name: name, read: { .int(Int64($0[keyPath: path])) }) { switches, value in
            guard let number = value.int64 else { return false }
            switches[keyPath: path] = Int(clamping: max(0, number))
            return true
        }
    }

    private static func entry(_ name: String, _ path: any (WritableKeyPath<RingSimulatorSwitches, String> & Sendable))
        -> Entry
    {
        Entry(name: name, read: { .string($0[keyPath: path]) }) { switches, value in
            guard let text = value.string else { return false }
            switches[keyPath: path] = text
            return true
        }
    }
}
