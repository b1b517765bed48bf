// Made by Scripts/simulator-scenarios.py; not written by hand.

/// The files of the folder Scenarios, by their names without the ending.
enum BuiltInScenarios {
    static let texts: [String: String] = [
        "delivery": """
        {
            "$schema": "scenario.schema.json",
            "description": "A parcel is brought to the front door: motion, a ring, and a car that leaves. In real time, 40 s.",
            "accounts": [
                {
                    "id": "account-delivery",
                    "state": "completed",
                    "devices": [
                        {"id": "front-door", "kind": "doorbell", "name": "Front Door", "line_powered": false},
                        {
                            "id": "driveway",
                            "kind": "camera",
                            "name": "Driveway",
                            "motion_zones": [
                                {"vertices": [{"x": 0.1, "y": 0.6}, {"x": 1, "y": 0.62}, {"x": 1, "y": 0.95}, {"x": 0.1, "y": 1}]}
                            ],
                            "privacy_zones": [
                                {"vertices": [{"x": 0.8, "y": 0.05}, {"x": 1, "y": 0.05}, {"x": 1, "y": 0.35}, {"x": 0.8, "y": 0.3}]}
                            ]
                        },
                        {"id": "hall", "kind": "chime", "name": "Hall"}
                    ]
                }
            ],
            "steps": [
                {"after_ms": 2000, "event": {"type": "motion_detected", "device": "Driveway", "sub_type": "vehicle", "recording_ms": 30000}},
                {"after_ms": 8000, "event": {"type": "motion_detected", "device": "Front Door", "sub_type": "package_delivery", "recording_ms": 20000}},
                {"after_ms": 11000, "event": {"type": "button_press", "device": "Front Door", "recording_ms": 20000}},
                {"after_ms": 38000, "event": {"type": "motion_detected", "device": "Driveway", "sub_type": "vehicle", "recording_ms": 15000}}
            ]
        }
        """,
        "flapping": """
        {
            "$schema": "scenario.schema.json",
            "description": "A camera at the edge of the network goes offline and comes back every four seconds, and one request in five finds no media.",
            "accounts": [
                {
                    "id": "account-flapping",
                    "state": "completed",
                    "devices": [
                        {"id": "shed", "kind": "camera", "name": "Shed"},
                        {"id": "front-door", "kind": "doorbell", "name": "Front Door"}
                    ]
                }
            ],
            "rates": {"media_missing": 0.2, "whep_offline": 0.5},
            "steps": [
                {"after_ms": 2000, "every_ms": 4000, "count": 30, "event": {"type": "device_offline", "device": "Shed"}},
                {"after_ms": 4000, "every_ms": 4000, "count": 30, "event": {"type": "device_online", "device": "Shed"}},
                {"after_ms": 5000, "every_ms": 16000, "count": 7, "event": {"type": "motion_detected", "device": "Shed", "sub_type": "other_motion"}}
            ]
        }
        """,
        "flood": """
        {
            "$schema": "scenario.schema.json",
            "description": "Water in the cellar by night, after a week of ordinary motion that is in the history only.",
            "back_dated_ms": 604800000,
            "accounts": [
                {
                    "id": "account-flood",
                    "state": "completed",
                    "devices": [
                        {"id": "cellar", "kind": "flood_freeze", "name": "Cellar", "line_powered": false},
                        {"id": "garden", "kind": "camera", "name": "Garden"},
                        {"id": "hall", "kind": "chime", "name": "Hall"}
                    ]
                }
            ],
            "steps": [
                {"after_ms": 3600000, "every_ms": 21600000, "count": 27, "event": {"type": "motion_detected", "device": "Garden", "sub_type": "animal"}},
                {"after_ms": 604805000, "event": {"type": "flood_detected", "device": "Cellar"}},
                {"after_ms": 604815000, "event": {"type": "motion_detected", "device": "Garden", "sub_type": "human"}},
                {"after_ms": 604865000, "event": {"type": "flood_cleared", "device": "Cellar"}}
            ]
        }
        """,
        "monday-morning": """
        {
            "$schema": "scenario.schema.json",
            "description": "10,000 households leave home within an hour, ten times as fast as in life, and the service is not at its best.",
            "speed": 10,
            "accounts": {
                "count": 10000,
                "each": {
                    "id": "account-{n}",
                    "first_name": "Robin",
                    "last_name": "Vale {n}",
                    "email": "robin.{n}@example.org",
                    "state": "completed",
                    "devices": [
                        {"id": "door-{n}", "kind": "doorbell", "name": "Front Door"},
                        {"id": "drive-{n}", "kind": "camera", "name": "Driveway"}
                    ]
                }
            },
            "rates": {"token_failures": 0.02, "api_failures": 0.005, "media_not_ready": 0.1},
            "steps": [
                {"after_ms": 5000, "every_ms": 360, "each_account": true, "event": {"type": "motion_detected", "device": "Front Door", "sub_type": "human"}},
                {"after_ms": 25000, "every_ms": 360, "each_account": true, "event": {"type": "motion_detected", "device": "Driveway", "sub_type": "vehicle"}}
            ]
        }
        """,
        "token-outage": """
        {
            "$schema": "scenario.schema.json",
            "description": "Access tokens live a minute. After 30 s the token endpoint fails for two minutes, comes back slow to recover, and is well after four.",
            "accounts": [
                {
                    "id": "account-outage",
                    "state": "completed",
                    "devices": [{"id": "front-door", "kind": "doorbell", "name": "Front Door"}]
                }
            ],
            "switches": {"access_token_seconds": 60},
            "steps": [
                {"after_ms": 30000, "switches": {"rates": {"token_failures": 1}}},
                {"after_ms": 150000, "switches": {"rates": {"token_failures": 0.3, "refresh_responses_to_lose": 0.05}}},
                {"after_ms": 240000, "switches": {"rates": {"token_failures": 0, "refresh_responses_to_lose": 0}}},
                {"after_ms": 10000, "every_ms": 20000, "count": 15, "event": {"type": "motion_detected", "device": "front-door", "sub_type": "human"}}
            ]
        }
        """,
        "unlink": """
        {
            "$schema": "scenario.schema.json",
            "description": "The user opens a live view after a ring, and removes the app 20 s later: the session, the tokens and the stored data have to go.",
            "accounts": [
                {
                    "id": "account-unlink",
                    "state": "completed",
                    "devices": [
                        {"id": "front-door", "kind": "doorbell", "name": "Front Door"},
                        {"id": "garden", "kind": "camera", "name": "Garden"}
                    ]
                },
                {"id": "account-other", "state": "completed", "devices": [{"id": "other-door", "kind": "doorbell", "name": "Front Door"}]}
            ],
            "steps": [
                {"after_ms": 2000, "event": {"type": "button_press", "device": "front-door"}},
                {"after_ms": 22000, "unlink": {"account": "account-unlink"}},
                {"after_ms": 24000, "event": {"type": "motion_detected", "device": "other-door", "sub_type": "human"}}
            ]
        }
        """,
    ]
}
