import RingJSONAPI

/// The plain models read from a `JSONAPIDocument` with its public API, as an adopter would write it by hand.
extension PlainDocument {
    init(_ document: JSONAPIDocument) {
        self.data = document.resources.map { Device($0) }
        self.included = document.allIncluded.map { resource in
            let id = resource.id
            guard let attributes = resource.attributes else { return .other(type: resource.type, id: id) }
            if resource.isType("device-status") { return .status(id: id, Status(attributes)) }
            if resource.isType("device-capabilities") { return .capabilities(id: id, Capabilities(attributes)) }
            if resource.isType("device-configurations") { return .configurations(id: id, Configurations(attributes)) }
            if resource.isType("locations") {
                return .location(
                    id: id, Location(country: attributes["country"]?.string, state: attributes["state"]?.string))
            }
            return .other(type: resource.type, id: id)
        }
    }
}

extension PlainDocument.Device {
    init(_ resource: JSONAPIResource) {
        let attributes = resource.attributes
        self.type = resource.type
        self.id = resource.id
        self.attributes = Attributes(
            name: attributes?["name"]?.string, image_url: attributes?["image_url"]?.string)
        self.relationships = Relationships(
            status: resource.relationship("status").map { Relationship($0) },
            capabilities: resource.relationship("capabilities").map { Relationship($0) },
            configurations: resource.relationship("configurations").map { Relationship($0) },
            location: resource.relationship("location").map { Relationship($0) })
    }
}

extension PlainDocument.Device.Relationship {
    init(_ relationship: JSONAPIRelationship) {
        self.data = relationship.identifier.map { .init(type: $0.type, id: $0.id) }
        self.links = .init(related: relationship.raw["links"]?["related"]?.string)
    }
}

extension PlainDocument.Status {
    init(_ value: JSONAPIValue) {
        self.online = value["online"]?.bool
        self.reported_at = value["reported_at"]?.string
        self.audio = value["audio"].map {
            Audio(snooze: $0["snooze"].map { Snooze(active: $0["active"]?.bool, until: $0["until"]?.string) })
        }
    }
}

private func strings(_ value: JSONAPIValue?) -> [String]? { value?.elements.compactMap(\.string) }

extension PlainDocument.Capabilities {
    init(_ value: JSONAPIValue) {
        func features(_ name: String) -> Features? {
            value[name].map { Features(configurations: strings($0["configurations"])) }
        }
        func block(_ name: String) -> Block? { value[name].map { Block(supported: $0["supported"]?.bool) } }
        self.video = value["video"].map {
            Video(
                configurations: strings($0["configurations"]), codecs: strings($0["codecs"]),
                ratio: $0["ratio"]?.string,
                max_resolution: $0["max_resolution"]?.integer.map { Int($0) },
                supported_resolutions: $0["supported_resolutions"]?.elements.compactMap { $0.integer.map { Int($0) } })
        }
        self.audio = value["audio"].map {
            Audio(
                customizable_slots: $0["customizable_slots"]?.integer.map { Int($0) },
                supported_actions: strings($0["supported_actions"]))
        }
        self.motion_detection = features("motion_detection")
        self.image_enhancements = features("image_enhancements")
        self.contact_detection = block("contact_detection")
        self.flood_detection = block("flood_detection")
        self.freeze_detection = block("freeze_detection")
        self.tamper_detection = block("tamper_detection")
        self.smoke_detection = block("smoke_detection")
        self.co_detection_listener = block("co_detection_listener")
        self.glass_break_detection = block("glass_break_detection")
        self.battery_status = block("battery_status")
    }
}

extension PlainDocument.Configurations {
    init(_ value: JSONAPIValue) {
        func zones(_ value: JSONAPIValue?) -> [Zone]? {
            value?.elements.map { zone in
                Zone(
                    id: zone["id"]?.string ?? "",
                    vertices: zone["vertices"]?.elements.map {
                        Vertex(x: $0["x"]?.number ?? 0, y: $0["y"]?.number ?? 0)
                    } ?? [])
            }
        }
        self.motion_detection = value["motion_detection"].map {
            Motion(enabled: $0["enabled"]?.string, motion_zones: zones($0["motion_zones"]))
        }
        self.image_enhancements = value["image_enhancements"].map {
            Image(
                color_night_vision: $0["color_night_vision"]?.string, hdr: $0["hdr"]?.string,
                ir_led_night_vision: $0["ir_led_night_vision"]?.string, auto_zoom_track: $0["auto_zoom_track"]?.string,
                privacy_zones: zones($0["privacy_zones"]))
        }
        self.audio = value["audio"].map { Audio(volume: $0["volume"]?.integer.map { Int($0) }) }
        self.e2e_encryption = value["e2e_encryption"].map { Encryption(enabled: $0["enabled"]?.bool) }
    }
}
