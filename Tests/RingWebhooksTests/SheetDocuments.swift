/// Every example document of the fact sheet's section 9, byte for byte.
enum SheetDocuments {
    /// The name of each document, and its text.
    static let all: [(name: String, text: String)] = [
        (
            "motion_detected 1",
            #"""
            {"meta":{"version":"1.1","time":"2026-11-18T11:06:41.250000000Z","request_id":"0f6c1b1e-6c\#
            0b-4a3b-9d52-3f5c5b0c9a11","account_id":"ava1.ring.account.TESTACCT0001"},"data":{"id":"av\#
            a1.ring.device.TESTDOOR0001_human_1795000000500","type":"motion_detected","attributes":{"s\#
            ource":"ava1.ring.device.TESTDOOR0001","source_type":"devices","timestamp":1795000000500,"\#
            sub_type":"human"},"relationships":{"devices":{"links":{"self":"/v1/devices/ava1.ring.devi\#
            ce.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "motion_detected 2",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-18T11:06:41.250000000Z", "request_id": "0f6c1b1e-6c0b-4a3b-9d52-3f5c5b0c9a11", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "ava1.ring.device.TESTELITE01_human_1795000000500",
                "type": "motion_detected",
                "attributes": {
                  "source": "ava1.ring.device.TESTELITE01", "source_type": "devices",
                  "timestamp": 1795000000500, "timestamp_readable": "2026-11-18 11:06:40",
                  "sub_type": "human", "component_ids": ["1"]
                },
                "relationships": { "devices": { "links": { "self": "/v1/devices/ava1.ring.device.TESTELITE01" } } }
              }
            }
            """#
        ),
        (
            "motion_detected 3",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-18T11:08:00.100000000Z", "request_id": "7d0a2f10-3c5e-4b0e-8d55-5b1f0c2c7e02", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "ava1.ring.device.TESTDOOR0001_vehicle_1795000079000",
                "type": "motion_detected",
                "subType": "vehicle",
                "attributes": { "source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", "timestamp": 1795000079000 },
                "relationships": { "devices": { "links": { "self": "/v1/devices/ava1.ring.device.TESTDOOR0001" } } }
              }
            }
            """#
        ),
        (
            "button_press 1",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-18T11:15:02.000000000Z", "request_id": "b7a5e0c4-9f7c-4a39-8b1d-0e4b8a4f3c10", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "ava1.ring.device.TESTDOOR0001_button_press_1795000500800",
                "type": "button_press",
                "attributes": { "source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", "timestamp": 1795000500800 },
                "relationships": { "devices": { "links": { "self": "/v1/devices/ava1.ring.device.TESTDOOR0001" } } }
              }
            }
            """#
        ),
        (
            "button_press 2",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:15:02.000000000Z", "request_id": "d1c0b\#
            7a2-55c8-4a55-9d0a-1b7a0a6b0c07", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTDOOR0001_ding_1795000500800", "type": "button_press", "attri\#
            butes": {"source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", "timestamp":\#
             1795000500800}, "relationships": {"devices": {"links": {"self": "/v1/devices/ava1.ring.de\#
            vice.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "device_added 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:07:06.166000000Z", "request_id": "3a1b6\#
            f0e-8c3d-4d1e-9a07-7b0f6a2c1d08", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTDOOR0001_device_added_1795000025800", "type": "device_added"\#
            , "attributes": {"source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", "tim\#
            estamp": 1795000025800}, "relationships": {"devices": {"links": {"self": "/v1/devices/ava1\#
            .ring.device.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "device_removed 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-19T08:00:00.010000000Z", "request_id": "92c3d\#
            4e5-1f20-4a8b-b1c2-6d7e8f901209", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTDOOR0001_device_removed_1795075199500", "type": "device_remo\#
            ved", "attributes": {"source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", \#
            "timestamp": 1795075199500}, "relationships": {"devices": {"links": {"self": "/v1/devices/\#
            ava1.ring.device.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "device_online 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:32:51.234000000Z", "request_id": "ab12c\#
            d34-0e9f-4c7a-8b6d-5e4f3a2b1c0a", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTDOOR0001_device_online_1795001567000", "type": "device_onlin\#
            e", "attributes": {"source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", "t\#
            imestamp": 1795001567000}, "relationships": {"devices": {"links": {"self": "/v1/devices/av\#
            a1.ring.device.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "device_offline 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:26:49.710000000Z", "request_id": "bc23d\#
            e45-1f0a-4d8b-9c7e-6f5a4b3c2d0b", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTDOOR0001_device_offline_1795001206000", "type": "device_offl\#
            ine", "attributes": {"source": "ava1.ring.device.TESTDOOR0001", "source_type": "devices", \#
            "timestamp": 1795001206000}, "relationships": {"devices": {"links": {"self": "/v1/devices/\#
            ava1.ring.device.TESTDOOR0001"}}}}}
            """#
        ),
        (
            "flood_detected 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:40:02.300000000Z", "request_id": "cd34e\#
            f56-2a1b-4e9c-8d8f-7a6b5c4d3e0c-1795002000400-water_detecte", "account_id": "ava1.ring.acc\#
            ount.TESTACCT0001"}, "data": {"id": "ava1.ring.device.TESTFLOOD001_flood_detected_17950020\#
            00400", "type": "flood_detected", "attributes": {"source": "ava1.ring.device.TESTFLOOD001"\#
            , "source_type": "devices", "timestamp": 1795002000400}, "relationships": {"devices": {"li\#
            nks": {"self": "/v1/devices/ava1.ring.device.TESTFLOOD001"}}}}}
            """#
        ),
        (
            "flood_cleared 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:45:02.200000000Z", "request_id": "de45f\#
            a67-3b2c-4fad-9e9a-8b7c6d5e4f0d-1795002300400-water_cleared", "account_id": "ava1.ring.acc\#
            ount.TESTACCT0001"}, "data": {"id": "ava1.ring.device.TESTFLOOD001_flood_cleared_179500230\#
            0400", "type": "flood_cleared", "attributes": {"source": "ava1.ring.device.TESTFLOOD001", \#
            "source_type": "devices", "timestamp": 1795002300400}, "relationships": {"devices": {"link\#
            s": {"self": "/v1/devices/ava1.ring.device.TESTFLOOD001"}}}}}
            """#
        ),
        (
            "contact_sensor_faulted 1",
            #"""
            {"meta": {"version": "1.1", "time": "2026-11-18T11:50:01.900000000Z", "request_id": "ef56a\#
            b78-4c3d-4abe-8fab-9c8d7e6f5a0e", "account_id": "ava1.ring.account.TESTACCT0001"}, "data":\#
             {"id": "ava1.ring.device.TESTCNTCT001_contact_sensor_faulted_1795002600000", "type": "con\#
            tact_sensor_faulted", "attributes": {"source": "ava1.ring.device.TESTCNTCT001", "source_ty\#
            pe": "devices", "timestamp": 1795002600000}, "relationships": {"devices": {"links": {"self\#
            ": "/v1/devices/ava1.ring.device.TESTCNTCT001"}}}}}
            """#
        ),
        (
            "app_integration_added 1",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-18T11:07:06.400000000Z", "request_id": "c1f7d0aa-2f4d-4a0b-9a86-90d7b0a1d003", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "ava1.ring.client.TESTCLIENT01_client_created_1795000026000",
                "type": "app_integration_added",
                "attributes": { "source": "ava1.ring.account.TESTACCT0001", "source_type": "users", "timestamp": 1795000026000 }
              }
            }
            """#
        ),
        (
            "app_integration_removed 1",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-19T08:00:00.200000000Z", "request_id": "e9b3c2d4-1a7e-4e57-8a7e-3e0d6f5f6a04", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "evt-opaque-0002",
                "type": "app_integration_removed",
                "attributes": { "source": "ava1.ring.account.TESTACCT0001", "source_type": "users", "timestamp": 1795075199800 }
              }
            }
            """#
        ),
        (
            "subscription_activated 1",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-18T11:30:00Z", "request_id": "f2c1a0de-6b56-4f7b-8f0b-2a9f4f8d5b05", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "evt-opaque-0003",
                "type": "subscription_activated",
                "attributes": {
                  "source": "subscriptions", "source_id": "sub-opaque-01", "sub_type": "paid",
                  "plan_id": "5f0b1d2c-3a4e-4c5d-9b6f-7a8c9d0e1f22", "expires_at": "2026-12-18T00:00:00Z"
                },
                "relationships": {
                  "devices": { "data": [ { "type": "device", "id": "ava1.ring.device.TESTDOOR0001" } ] },
                  "subscriptions": { "links": { "self": "/v1/accounts/me/subscriptions" } }
                }
              }
            }
            """#
        ),
        (
            "subscription_deactivated 1",
            #"""
            {
              "meta": { "version": "1.1", "time": "2026-11-19T00:00:05Z", "request_id": "0b6d4c3a-9e5e-4a51-8e3d-6f1e2d3c4b06", "account_id": "ava1.ring.account.TESTACCT0001" },
              "data": {
                "id": "evt-opaque-0004",
                "type": "subscription_deactivated",
                "attributes": { "source": "subscriptions", "source_id": "sub-opaque-02", "sub_type": "trial", "plan_id": null },
                "relationships": {
                  "devices": { "data": [ { "type": "device", "id": "ava1.ring.device.TESTDOOR0001" } ] },
                  "subscriptions": { "links": { "self": "/v1/accounts/me/subscriptions" } }
                }
              }
            }
            """#
        ),
    ]
}
