internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Every event that Ring reports, in groups as people look for them.
enum PageEvents {
    static let groups: [(title: String, types: [String])] = [
        ("Motion and rings", ["motion_detected", "button_press"]),
        ("Devices", ["device_added", "device_removed", "device_online", "device_offline"]),
        ("Integration", ["app_integration_added", "app_integration_removed"]),
        ("Subscription", ["subscription_activated", "subscription_deactivated"]),
        (
            "Contact and tampering",
            ["contact_sensor_faulted", "contact_sensor_cleared", "tamper_detected", "tamper_cleared"]
        ),
        ("Water", ["flood_detected", "flood_cleared", "freeze_detected", "freeze_cleared"]),
        (
            "Air",
            [
                "temperature_exceeded", "temperature_cleared", "humidity_exceeded", "humidity_cleared", "pm25_exceeded",
                "pm25_cleared", "co_exceeded", "co_cleared",
            ]
        ),
    ]

    static let subTypes = ["motion", "human", "vehicle", "animal", "package_delivery", "other_motion", "paid", "trial"]

    /// `Motion detected`.
    static func title(_ type: String) -> String {
        type.replacing("_", with: " ").capitalizedFirst.replacing("Pm25", with: "PM2.5").replacing("Co ", with: "CO ")
    }
}

/// Events: the form for all of them, and the buttons that use it.
extension Page {
    private static let lead: HTML = """
        It changes the device, gets an entry in the history where Ring makes one, and is reported to the Webhook URL. The \
        fields that are left empty get the usual values.
        """

    func events() -> Response { self.eventsPage(200) }

    private func eventsPage(_ status: Int) -> Response {
        self.frame("Events", .events).response(
            status,
            """
            \(PagePart.title("Make an event happen", Self.lead))
            <section class="panel stack">\(self.eventForm(device: nil))</section>
            """)
    }

    /// The form for an event, of one device or of any.
    func eventForm(device: RingDeviceID?) -> HTML {
        let (devices, accounts) = self.engine.step { state in (state.devices, state.accounts) }
        let chosen = self.form["type"] ?? "motion_detected"
        let stay: HTML = device == nil ? "" : " data-stay"
        let types = PageEvents.groups.html { group in
            let options = group.types.html { type in
                let mark: HTML = type == chosen ? " selected" : ""
                return "<option value=\"\(type)\"\(mark)>\(PageEvents.title(type))</option>"
            }
            return "<optgroup label=\"\(group.title)\">\(options)</optgroup>"
        }
        let place: HTML
        if let device {
            place = "<input type=\"hidden\" name=\"device\" value=\"\(value: device.rawValue)\">"
        } else if max(devices.count, accounts.count) > PageAccounts.maximumOptionsCount {
            place =
                PagePart.field(
                    "Device", name: "device", value: self.form["device"] ?? "", hint: "id or name",
                    more: " autocomplete=\"off\"")
                + PagePart.field(
                    "Account", name: "account", value: self.form["account"] ?? "",
                    hint: "id; empty for that of the device", more: " autocomplete=\"off\"")
        } else {
            let list =
                [("", "None: an event of the account")]
                + devices.map {
                    (
                        $0.id.rawValue,
                        accounts.count > 1 ? "\($0.device.name) · \(self.owner(of: $0, accounts))" : $0.device.name
                    )
                }
            let first = devices.first?.id.rawValue ?? ""
            place =
                PagePart.select("Device", name: "device", options: list, selected: self.form["device"] ?? first)
                + PagePart.select(
                    "Account", name: "account",
                    options: [("", "That of the device")]
                        + accounts.map { ($0.id.rawValue, "\($0.firstName) \($0.lastName)") },
                    selected: self.form["account"] ?? "")
        }
        let words = PageEvents.subTypes.html { "<option value=\"\($0)\"></option>" }
        return """
            <form method="post" action="/ui/events" class="stack"\(stay)>
            <div class="fields"><div class="field"><label for="f-type">Event</label><select id="f-type" name="type">\(types)</select></div>\
            \(place)</div>
            <div class="fields">\(PagePart.field(
                "Sub type", name: "sub_type", value: self.form["sub_type"] ?? "", hint: "of a motion or a subscription",
                more: " list=\"sub-types\" autocomplete=\"off\""))\
            \(PagePart.field(
                "Lenses", name: "component_ids", value: self.form["component_ids"] ?? "", hint: "such as 1,2",
                more: " autocomplete=\"off\""))\
            \(PagePart.field(
                "Recording", name: "recording", value: self.form["recording"] ?? "", hint: "seconds",
                more: " type=\"number\" min=\"0\" max=\"900\" step=\"any\""))\
            \(PagePart.field(
                "Happens in", name: "after", value: self.form["after"] ?? "", hint: "seconds",
                more: " type=\"number\" min=\"0\" max=\"1000000\" step=\"any\""))</div>
            <datalist id="sub-types">\(words)</datalist>
            <div class="row"><button class="main">Make it happen</button></div></form>
            """
    }

    private func owner(of device: ServiceState.Device, _ accounts: [RingSimulatorAccount]) -> String {
        accounts.first { $0.id == device.account }.map { "\($0.firstName) \($0.lastName)" } ?? ""
    }

    func trigger() -> Response {
        do throws(RingSimulatorError) {
            let event = try self.filledEvent()
            let problem = self.engine.step { state -> RingSimulatorError? in
                do throws(RingSimulatorError) {
                    try state.checkNames(of: event)
                    return nil
                } catch { return error }
            }
            if let problem { throw problem }
            if event.delay > .zero {
                self.simulator.plan(event)
                return self.back("planned", or: "/ui/events")
            }
            self.engine.step { _ = $0.trigger(event) }
            let isForm = PageAddress.ownPath(self.request)?.hasPrefix("/ui/events") ?? true
            return isForm ? .seeOther("/ui/deliveries?done=sent") : self.back("sent", or: "/ui/deliveries")
        } catch {
            return self.failed("The event did not happen: \(error.message)").eventsPage(422)
        }
    }

    /// The event of the form, read as the control API reads one.
    private func filledEvent() throws(RingSimulatorError) -> RingSimulatorEvent {
        var members: [(String, JSONAPILiteral)] = [("type", .string(self.form["type"] ?? ""))]
        for name in ["device", "account", "sub_type"] {
            if let text = self.filled(name) { members.append((name, .string(text))) }
        }
        if let components = self.filled("component_ids") {
            let ids = components.split { $0 == "," || $0 == " " }.map { JSONAPILiteral.string(String($0)) }
            members.append(("component_ids", .array(ids)))
        } else if self.form["quick"] != nil, self.isMultiLens {
            members.append(("component_ids", ["1"]))
        }
        if let seconds = self.filled("recording") {
            members.append(("recording_ms", .int(try Self.milliseconds(seconds, "Recording"))))
        }
        if let seconds = self.filled("after") {
            members.append(("after_ms", .int(try Self.milliseconds(seconds, "Happens in"))))
        }
        let value: JSONAPIValue
        do { value = try JSONAPIValue(parsing: JSONAPILiteral.object(members).bytes) } catch {
            throw RingSimulatorError(message: "event: \(error)")
        }
        return try RingSimulatorEvent(value)
    }

    private var isMultiLens: Bool {
        let id = RingDeviceID(rawValue: self.form["device"] ?? "")
        return self.engine.step { state in state.devices.contains { $0.id == id && $0.device.kind == .elite } }
    }

    static func milliseconds(
        _ seconds: String, _ field: String, maximumSeconds: Int = 1_000_000
    ) throws(RingSimulatorError) -> Int64 {
        guard let number = Double(seconds), number >= 0, number <= Double(maximumSeconds) else {
            throw RingSimulatorError(message: "\(field): a number of seconds from 0 to \(maximumSeconds) is needed")
        }
        return Int64((number * 1000).rounded())
    }
}
