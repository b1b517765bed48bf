/// Attributes at session level that count for every section without its own (RFC 8866 section 5.13).
///
/// Extracted once, so that a text of a million sections is still read in linear time.
struct SDPSessionDefaults: Sendable {
    var direction: SDPDirection?
    var userFragment: String?
    var password: String?
    var setup: SDPSetupRole?
    var fingerprints: [SDPFingerprint] = []
    var options: [String] = []

    init(_ lines: ArraySlice<SDPLine>) {
        for line in lines where line.isAttribute {
            if let direction = SDPDirection(line) { self.direction = direction }
            if let value = line.value(ofAttribute: "ice-ufrag") { self.userFragment = self.userFragment ?? value }
            if let value = line.value(ofAttribute: "ice-pwd") { self.password = self.password ?? value }
            if let value = line.value(ofAttribute: "setup") { self.setup = SDPSetupRole(rawValue: value) }
            if let value = line.value(ofAttribute: "fingerprint") {
                if let fingerprint = SDPFingerprint(attributeValue: value) { self.fingerprints.append(fingerprint) }
            }
            if let value = line.value(ofAttribute: "ice-options") {
                self.options += value.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
            }
        }
    }
}
