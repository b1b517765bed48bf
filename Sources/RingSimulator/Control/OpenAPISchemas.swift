internal import RingJSONAPI

/// The schemas of the control origin's bodies.
enum OpenAPISchemas {
    private static let text: JSONAPILiteral = ["type": "string"]
    private static let optionalText: JSONAPILiteral = ["type": ["string", "null"]]
    private static let integer: JSONAPILiteral = ["type": "integer"]
    private static let optionalInteger: JSONAPILiteral = ["type": ["integer", "null"]]
    private static let number: JSONAPILiteral = ["type": "number"]
    private static let flag: JSONAPILiteral = ["type": "boolean"]
    private static let status: JSONAPILiteral = [
        "type": ["string", "integer"], "description": "404, 4xx, 0 for none, or several with commas",
    ]

    private static func object(_ members: JSONAPILiteral, closed: Bool = false) -> JSONAPILiteral {
        closed
            ? ["type": "object", "properties": members, "additionalProperties": false]
            : ["type": "object", "properties": members]
    }

    private static func list(_ schema: String) -> JSONAPILiteral {
        ["type": "array", "items": ["$ref": .string("#/components/schemas/\(schema)")]]
    }

    private static func one(_ schema: String) -> JSONAPILiteral {
        ["$ref": .string("#/components/schemas/\(schema)")]
    }

    private static func words<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> JSONAPILiteral {
        ["type": "string", "enum": .array(Word.allCases.map { .string($0.rawValue) })]
    }

    /// A page of a log with the members that all pages have.
    private static func page(_ name: String, of schema: String) -> JSONAPILiteral {
        Self.object(
            .object([
                (name, Self.list(schema)), ("older_before", Self.optionalInteger), ("newer_after", Self.integer),
                ("has_newer", Self.flag), ("kept", Self.integer), ("kept_bytes", Self.integer),
                ("removed", Self.integer),
            ]))
    }

    static var all: [(name: String, schema: JSONAPILiteral)] { Self.records + Self.conditions + Self.others }

    private static let records: [(name: String, schema: JSONAPILiteral)] = [
        (
            "Errors",
            object(["errors": ["type": "array", "items": object(["status": text, "title": text, "detail": text])]])
        ),
        ("Body", object(["text": optionalText, "bytes": integer, "truncated": flag, "media_type": optionalText])),
        ("Field", object(["name": text, "value": text])),
        (
            "Request",
            object([
                "number": integer, "origin": text, "method": text, "path": text, "query": optionalText,
                "authorization": flag, "content_type": optionalText, "grant_type": optionalText,
                "account": optionalText, "status": integer, "time": integer, "duration_ms": number,
                "request_bytes": integer, "response_bytes": integer, "request_headers": list("Field"),
                "request_body": one("Body"), "response_headers": list("Field"), "response_body": one("Body"),
            ])
        ),
        ("RequestPage", page("requests", of: "Request")),
        (
            "Attempt",
            object([
                "time": integer, "duration_ms": number, "url": text, "status": integer, "failure": optionalText,
                "response_body": one("Body"),
            ])
        ),
        (
            "Delivery",
            object([
                "number": integer, "request_id": text, "type": text, "account": text, "device": optionalText,
                "time": integer, "outcome": words(RingSimulatorDelivery.Outcome.self), "next_attempt": optionalInteger,
                "statuses": ["type": "array", "items": integer], "attempts": list("Attempt"), "body": text,
                "signature": text,
            ])
        ),
        ("DeliveryPage", page("deliveries", of: "Delivery")),
        ("Replay", object(["sent": ["type": "array", "items": integer], "expired": integer])),
        ("AuthorizationCheck", object(["authorization_at_media_origin": integer])),
    ]

    private static let conditions: [(name: String, schema: JSONAPILiteral)] = [
        (
            "RequestFilter",
            object(
                [
                    "path": text, "method": text, "origin": text, "grant_type": text, "status": status,
                    "account": text, "after_number": integer,
                ], closed: true)
        ),
        (
            "DeliveryFilter",
            object(
                [
                    "type": text, "outcome": words(RingSimulatorDelivery.Outcome.self), "device": text,
                    "request_id": text, "status": status, "account": text, "after_number": integer,
                ], closed: true)
        ),
        ("SessionFilter", ["anyOf": [["const": true], object(["device": text], closed: true)]]),
        (
            "Wait",
            object(condition(["settled": ["const": true], "count": integer, "timeout_ms": integer]), closed: true)
        ),
        ("Assert", object(condition(["count": integer, "minimum": integer, "maximum": integer]), closed: true)),
        ("Found", object(["found": integer, "records": ["type": "array", "items": ["type": "object"]]])),
        (
            "NotFound",
            object([
                "errors": ["type": "array", "items": object(["status": text, "title": text, "detail": text])],
                "found": integer, "records": ["type": "array", "items": ["type": "object"]],
            ])
        ),
    ]

    private static func condition(_ others: JSONAPILiteral) -> JSONAPILiteral {
        guard case .object(let others) = others else { return nil }
        return .object(
            [
                ("requests", one("RequestFilter")), ("deliveries", one("DeliveryFilter")), ("held", ["const": true]),
                ("sessions", one("SessionFilter")), ("account", text),
                ("state", words(RingSimulatorAccount.State.self)),
            ] + others)
    }

    private static let others: [(name: String, schema: JSONAPILiteral)] = [
        (
            "Event",
            object([
                "type": text, "device": text, "account": text, "sub_type": text, "recording_ms": integer,
                "after_ms": integer, "at_ms": integer, "component_ids": ["type": "array", "items": text],
            ])
        ),
        (
            "EventResult",
            object([
                "request_ids": ["type": "array", "items": text], "deliveries": ["type": "array", "items": integer],
                "not_reported": optionalText,
            ])
        ),
        ("PartnerURLs", object(["url": optionalText, "token_exchange_url": optionalText, "account_link_url": text])),
        (
            "CodeRequest",
            object(["account": text, "url": text, "code_challenge": text, "deliver": flag], closed: true)
        ),
        (
            "CodeResult",
            object([
                "code": text, "status": integer, "duration_ms": number, "failure": optionalText,
                "response_body": one("Body"),
            ])
        ), ("AccountRequest", object(["account": text], closed: true)),
        ("Redirect", object(["url": text, "nonce": text, "time": text])),
        ("TokenPair", object(["access_token": text, "refresh_token": text])),
        (
            "Device",
            object([
                "id": text, "kind": words(RingSimulatorDevice.Kind.self), "name": text, "online": flag,
                "line_powered": flag, "alarms": ["type": "array", "items": text],
            ])
        ),
        (
            "Account",
            object([
                "id": text, "state": words(RingSimulatorAccount.State.self), "first_name": text, "last_name": text,
                "email": text, "devices": list("Device"), "removed_devices": list("Device"),
            ])
        ), ("AccountList", object(["accounts": list("Account")])),
        ("AccountState", object(["state": words(RingSimulatorAccount.State.self)], closed: true)),
        (
            "Session",
            object([
                "id": text, "device": text, "device_name": optionalText, "account": optionalText, "ends": integer,
                "remaining_ms": integer,
                "video": [
                    "anyOf": [
                        ["type": "null"],
                        object([
                            "connected": ["type": "boolean"], "pictures": integer, "packets": integer,
                            "lost_packets": integer, "delayed_packets": integer, "reordered_packets": integer,
                            "requested_packets": integer,
                            "repeated_packets": integer, "key_frame_requests": integer,
                        ]),
                    ]
                ],
            ])
        ), ("SessionList", object(["sessions": list("Session")])),
        (
            "Switches",
            object(
                .object(ControlAPI.descriptions(of: RingSimulatorSwitches()).map { ($0.name, $0.schema) }), closed: true
            )
        ),
        (
            "SwitchDescriptions",
            object([
                "switches": [
                    "type": "array",
                    "items": object([
                        "name": text, "kind": text, "description": text, "value": [:], "default": [:],
                        "schema": ["type": "object"],
                    ]),
                ]
            ])
        ), ("Clock", object(["now": integer, "speed": number, "change": integer])),
        ("ClockChange", object(["advance_ms": integer, "to": integer, "speed": number], closed: true)),
        ("Held", object(["held": integer])), ("Release", object(["close": flag], closed: true)),
        ("Changes", object(["version": integer, "topics": ["type": "array", "items": text]])),
        (
            "State",
            object([
                "now": integer, "speed": number, "version": integer, "api_url": text, "oauth_url": text,
                "media_url": text, "control_url": text, "webhook": one("PartnerURLs"), "open_sessions": integer,
                "accounts": list("Account"),
            ])
        ), ("Reset", object(["scenario": ["type": "object"], "now": integer], closed: true)),
        (
            "StateDocument",
            ["type": "object", "required": ["state_version"], "properties": ["state_version": integer]]
        ), ("Document", ["type": "object"]),
    ]
}
