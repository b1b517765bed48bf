import Foundation
import RingPartner

/// Prints what somebody should look at. No event contains a secret.
struct WarningObserver: RingObserver {
    func observe(_ event: any RingObservation) {
        guard event.level == .warning || event.level == .error else { return }
        let attributes = event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        Self.write("\(event.level) \(event.name) \(attributes)")
    }

    static func write(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
