internal import RingCore
internal import RingJSONAPI

/// A device as the page shows it, read from the same resources that the API sends.
struct PageDevice {
    struct Zone {
        var isPrivacy: Bool
        /// Corners as fractions of the picture.
        var corners: [(x: Double, y: Double)]
    }

    var id: RingDeviceID
    var account: RingAccountID
    var kind: RingSimulatorDevice.Kind
    var name: String
    var isOnline: Bool
    var isLinePowered: Bool
    var isShared: Bool
    /// What its sensors report: `flood`.
    var alarms: [String] = []
    var facts: [(name: String, value: String)] = []
    var zones: [Zone] = []
    /// A moment of its last recording; `nil` when it has none.
    var picturedAt: Int64?

    init(_ device: ServiceState.Device, in state: ServiceState) {
        self.id = device.id
        self.account = device.account
        self.kind = device.device.kind
        self.name = device.device.name.allSatisfy(\.isWhitespace) ? "unnamed" : device.device.name
        self.isOnline = device.device.isOnline
        self.isLinePowered = device.device.isLinePowered
        self.isShared = !device.isRemoved
        // Motion is an event, and no state.
        self.alarms = device.sensors.alarms.subtracting(["motion"]).sorted()
        let status = try? JSONAPIValue(parsing: state.statusResource(device).bytes)
        for (name, value) in status?["attributes"]?.members ?? [] {
            if let fact = Self.text(value["value"] ?? value["percentage"]) {
                self.facts.append((name.replacing("_", with: " "), fact))
            }
        }
        guard self.kind.hasVideo else { return }
        self.picturedAt = state.history[device.id]?.last { $0.start <= state.now }.map { event in
            event.start + min((event.end - event.start) / 2, 4000)
        }
        let configuration = try? JSONAPIValue(parsing: state.configurationsResource(device, component: nil).bytes)
        let attributes = configuration?["attributes"]
        self.zones =
            Self.zones(attributes?["motion_detection"]?["motion_zones"], isPrivacy: false)
            + Self.zones(attributes?["image_enhancements"]?["privacy_zones"], isPrivacy: true)
    }

    private static func text(_ value: JSONAPIValue?) -> String? {
        value?.string ?? value?.int64.map { $0 == 255 ? "line power" : String($0) }
    }

    private static func zones(_ list: JSONAPIValue?, isPrivacy: Bool) -> [Zone] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.map { zone in
            let corners = zone["vertices"]?.elements.compactMap { corner -> (x: Double, y: Double)? in
                guard let x = corner["x"]?.double, let y = corner["y"]?.double else { return nil }
                return (x, y)
            }
            return Zone(isPrivacy: isPrivacy, corners: corners ?? [])
        }
    }

    var kindName: String { Self.kindName(self.kind) }

    static func kindName(_ kind: RingSimulatorDevice.Kind) -> String {
        switch kind {
        case .floodFreeze: "Flood and freeze sensor"
        case .contact: "Contact sensor"
        case .temperatureHumidity: "Temperature and humidity sensor"
        case .airQuality: "Air quality sensor"
        case .chime: "Chime"
        case .doorbell: "Doorbell"
        case .elite: "Camera with two lenses"
        default: kind.rawValue.replacing("_", with: " ").capitalizedFirst
        }
    }

    /// The events that a click makes.
    var quickEvents: [(title: String, type: String)] {
        var events: [(String, String)] =
            switch self.kind {
            case .doorbell: [("Motion", "motion_detected"), ("Ring", "button_press")]
            case .floodFreeze:
                [
                    self.toggle("flood", ("Flood", "flood_detected"), ("Dry again", "flood_cleared")),
                    self.toggle("freeze", ("Freeze", "freeze_detected"), ("Warm again", "freeze_cleared")),
                ]
            case .contact:
                [self.toggle("contact_sensor", ("Open", "contact_sensor_faulted"), ("Close", "contact_sensor_cleared"))]
            case .temperatureHumidity:
                [
                    self.toggle(
                        "temperature", ("Too warm", "temperature_exceeded"), ("Mild again", "temperature_cleared")),
                    self.toggle("humidity", ("Too humid", "humidity_exceeded"), ("Dry again", "humidity_cleared")),
                ]
            case .airQuality:
                [
                    self.toggle("pm25", ("Dust", "pm25_exceeded"), ("Clear again", "pm25_cleared")),
                    self.toggle("co", ("Carbon monoxide", "co_exceeded"), ("No CO", "co_cleared")),
                ]
            default: self.kind.hasVideo ? [("Motion", "motion_detected")] : []
            }
        events.append(self.isOnline ? ("Go offline", "device_offline") : ("Go online", "device_online"))
        return events
    }

    private typealias Quick = (title: String, type: String)

    /// What sets an alarm off, or clears it when it is on.
    private func toggle(_ alarm: String, _ on: Quick, _ off: Quick) -> Quick { self.alarms.contains(alarm) ? off : on }
}

extension String {
    var capitalizedFirst: String { self.prefix(1).uppercased() + self.dropFirst() }
}

/// The drawings of a device: its still with its zones, or an icon.
extension PageDevice {
    var view: HTML {
        guard self.kind.hasVideo else { return "<div class=\"view\">\(PageIcon.of(self.kind))</div>" }
        let away: HTML = self.isOnline ? "" : " away"
        let moment: HTML = self.picturedAt.map { "&amp;at=\($0)" } ?? ""
        return """
            <div class="view\(away)"><img src="/ui/still?device=\(query: self.id.rawValue)\(moment)" \
            alt="The still of \(self.name)" width="640" height="360" loading="lazy">\(self.zoneDrawing)</div>
            """
    }

    private var zoneDrawing: HTML {
        guard !self.zones.isEmpty else { return "" }
        let shapes = self.zones.html { zone in
            let points = zone.corners.map { "\(Self.rounded($0.x)),\(Self.rounded($0.y))" }.joined(separator: " ")
            let style: HTML = zone.isPrivacy ? "zone privacy" : "zone"
            return "<polygon class=\"\(style)\" points=\"\(points)\"/>"
        }
        let motion = self.zones.count { !$0.isPrivacy }
        let label = "\(motion) motion zones, \(self.zones.count - motion) privacy zones"
        return """
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="\(label)">\(shapes)</svg>
            """
    }

    private static func rounded(_ fraction: Double) -> Int { Int((min(max(fraction, 0), 1) * 1000).rounded()) }

    private static func alarmName(_ stem: String) -> String {
        stem == "contact_sensor" ? "open" : stem == "co" ? "CO" : stem == "pm25" ? "PM2.5" : stem
    }

    var address: HTML { "/ui/device?id=\(query: self.id.rawValue)" }

    var badges: HTML {
        let state =
            !self.isShared
            ? PagePart.badge("not shared")
            : self.isOnline ? PagePart.badge("online", "good") : PagePart.badge("offline", "bad")
        return state + self.alarms.html { " " + PagePart.badge(Self.alarmName($0), "wait") }
    }

    var buttons: HTML {
        guard self.isShared else {
            return PagePart.button(
                "Share again", to: "/ui/events", values: [("type", "device_added"), ("device", self.id.rawValue)],
                key: "device_added-\(self.id.rawValue)")
        }
        return self.quickEvents.html { event in
            PagePart.button(
                event.title, to: "/ui/events",
                values: [("type", event.type), ("device", self.id.rawValue), ("quick", "1")],
                key: "\(event.type)-\(self.id.rawValue)")
        }
    }

    var card: HTML {
        """
        <article class="panel device">\(self.view)
        <div class="row"><h3><a href="\(self.address)">\(self.name)</a></h3><span class="end">\(self.badges)</span></div>
        <p class="soft small">\(self.kindName) · \(self.isLinePowered ? "line power" : "battery")</p>
        <div class="row small-buttons">\(self.buttons)</div></article>
        """
    }
}
