import Foundation
import RingPartner

/// How a device looks on a page.
extension Household.Device {
    var query: HTML { "account=\(query: self.account.rawValue)&amp;device=\(query: self.device.id.rawValue)" }

    var address: HTML { "/device?\(self.query)" }

    var kindName: String {
        switch self.device.likelyKind {
        case .doorbell: "Doorbell"
        case .camera: "Camera"
        case .multiCamera: "Camera with several lenses"
        case .chime: "Chime"
        case .contactSensor: "Contact sensor"
        case .floodFreezeSensor: "Flood and freeze sensor"
        case .climateSensor: "Temperature and humidity sensor"
        case .airQualityMonitor: "Air quality monitor"
        case .sensor: "Sensor"
        case .unknown: "Device"
        }
    }

    var badges: HTML {
        let reach: HTML =
            switch self.entry.reachability.state {
            case .online: Part.badge("online", "good")
            case .offline: Part.badge("offline", "bad")
            case .neverReported: Part.badge("never reported")
            case .unknown: Part.badge("unknown")
            }
        return reach + self.alarms.html { " " + Part.badge($0, "wait") }
    }

    /// What its sensors report.
    private var alarms: [String] {
        let status = self.device.status
        let named: [(String, RingDetection?)] = [
            ("open", status?.contact), ("flood", status?.flood), ("freeze", status?.freeze),
            ("tampered", status?.tamper),
        ]
        return named.filter { $0.1?.isTriggered == true }.map(\.0)
    }

    /// Power and readings, in words.
    var facts: String {
        var facts = [self.kindName]
        switch self.device.powerSource {
        case .mains: facts.append("mains")
        case .battery: facts.append(self.device.status?.battery?.percentage.map { "battery \($0) %" } ?? "battery")
        case .unknown: break
        }
        if let signal = self.device.status?.signalStrength { facts.append("signal \(signal)") }
        for reading in self.device.status?.readings ?? [] {
            let kind = reading.kind.rawValue.replacing("_", with: " ")
            facts.append("\(kind) \(reading.value.formatted()) \(reading.unit?.symbol ?? "")")
        }
        return facts.joined(separator: " · ")
    }

    /// The zones for the page, which covers the privacy zones before it shows a picture. When they are not known for sure,
    /// everything is covered.
    var zones: String {
        let image = self.device.configurations?.image
        let isKnown = self.device.configurations != nil && image?.privacyZonesAreComplete != false
        let privacy = isKnown ? Self.corners(image?.privacyZones ?? []) : "\"all\""
        return "{\"privacy\":\(privacy),\"motion\":\(Self.corners(self.device.configurations?.motion?.zones ?? []))}"
    }

    private static func corners(_ zones: [RingZone]) -> String {
        let list = zones.map { zone in
            "[\(zone.vertices.map { "[\(Self.fraction($0.x)),\(Self.fraction($0.y))]" }.joined(separator: ","))]"
        }
        return "[\(list.joined(separator: ","))]"
    }

    private static func fraction(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }

    /// The canvas of a still: the newest one, or that of the event with a number.
    func still(ofEvent event: Int? = nil, outlines: Bool = false) -> HTML {
        let source: HTML = event.map { "/still?event=\($0)" } ?? "/still?\(self.query)"
        let name = event == nil ? "Newest picture of \(self.name)" : "Picture of the event"
        let mark: HTML = outlines ? " data-outlines" : ""
        return """
            <canvas width="640" height="360" role="img" aria-label="\(name)" data-still="\(source)" \
            data-zones="\(self.zones)"\(mark)></canvas>
            """
    }

    var card: HTML {
        let view: HTML =
            self.hasCamera
            ? "<a class=\"view\" href=\"\(self.address)\" tabindex=\"-1\">\(self.still(outlines: true))</a>"
            : "<div class=\"view plain\" aria-hidden=\"true\">\(self.kindName)</div>"
        let title: HTML = self.hasCamera ? "<a href=\"\(self.address)\">\(self.name)</a>" : "\(self.name)"
        return """
            <article class="panel device">\(view)<div class="row"><h3>\(title)</h3><span class="end">\(self.badges)</span></div>\
            <p class="soft small">\(self.facts)</p></article>
            """
    }
}
