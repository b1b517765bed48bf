/// The same facts as plain Codable structs, for `JSONDecoder`: what an application would write without this package.
struct PlainDocument: Decodable {
    var data: [Device]
    var included: [Included]

    struct Device: Decodable {
        var type: String
        var id: String
        var attributes: Attributes
        var relationships: Relationships

        struct Attributes: Decodable {
            var name: String?
            var image_url: String?
        }
        struct Relationships: Decodable {
            var status: Relationship?
            var capabilities: Relationship?
            var configurations: Relationship?
            var location: Relationship?
        }
        struct Relationship: Decodable {
            var data: Identifier?
            var links: Links?
        }
        struct Identifier: Decodable, Hashable {
            var type: String
            var id: String
        }
        struct Links: Decodable { var related: String? }
    }

    enum Included: Decodable {
        case status(id: String, Status)
        case capabilities(id: String, Capabilities)
        case configurations(id: String, Configurations)
        case location(id: String, Location)
        case other(type: String, id: String)

        private enum CodingKeys: String, CodingKey { case type, id, attributes }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let id = try container.decode(String.self, forKey: .id)
            switch try container.decode(String.self, forKey: .type) {
            case "device-status": self = .status(id: id, try container.decode(Status.self, forKey: .attributes))
            case "device-capabilities":
                self = .capabilities(id: id, try container.decode(Capabilities.self, forKey: .attributes))
            case "device-configurations":
                self = .configurations(id: id, try container.decode(Configurations.self, forKey: .attributes))
            case "locations": self = .location(id: id, try container.decode(Location.self, forKey: .attributes))
            case let type: self = .other(type: type, id: id)
            }
        }
    }

    struct Status: Decodable {
        var online: Bool?
        var reported_at: String?
        var audio: Audio?
        struct Audio: Decodable { var snooze: Snooze? }
        struct Snooze: Decodable {
            var active: Bool?
            var until: String?
        }
    }

    struct Capabilities: Decodable {
        var video: Video?
        var audio: Audio?
        var motion_detection: Features?
        var image_enhancements: Features?
        var contact_detection: Block?
        var flood_detection: Block?
        var freeze_detection: Block?
        var tamper_detection: Block?
        var smoke_detection: Block?
        var co_detection_listener: Block?
        var glass_break_detection: Block?
        var battery_status: Block?
        struct Video: Decodable {
            var configurations: [String]?
            var codecs: [String]?
            var ratio: String?
            var max_resolution: Int?
            var supported_resolutions: [Int]?
        }
        struct Audio: Decodable {
            var customizable_slots: Int?
            var supported_actions: [String]?
        }
        struct Features: Decodable { var configurations: [String]? }
        struct Block: Decodable { var supported: Bool? }
    }

    struct Configurations: Decodable {
        var motion_detection: Motion?
        var image_enhancements: Image?
        var audio: Audio?
        var e2e_encryption: Encryption?
        struct Motion: Decodable {
            var enabled: String?
            var motion_zones: [Zone]?
        }
        struct Zone: Decodable {
            var id: String
            var vertices: [Vertex]
        }
        struct Vertex: Decodable {
            var x: Double
            var y: Double
        }
        struct Image: Decodable {
            var color_night_vision: String?
            var hdr: String?
            var ir_led_night_vision: String?
            var auto_zoom_track: String?
            var privacy_zones: [Zone]?
        }
        struct Audio: Decodable { var volume: Int? }
        struct Encryption: Decodable { var enabled: Bool? }
    }

    struct Location: Decodable {
        var country: String?
        var state: String?
    }
}
