import Foundation
import RingPartner
import Testing

/// Everything a program could print of what it was given: descriptions, debug descriptions, dumps, error texts.
final class Printout {
    private(set) var text = ""
    private(set) var errors: [RingError] = []
    /// Errors that are not of this package.
    private(set) var untyped: [String] = []

    func note(_ value: Any) {
        self.text += "\(value) \(String(reflecting: value))\n"
        dump(value, to: &self.text)
    }

    /// Runs a call and records its result or its error.
    func call<Value>(_ work: () async throws -> Value) async {
        do { self.note(try await work()) } catch {
            self.note(error)
            self.text += error.localizedDescription
            if let error = error as? RingError { self.errors.append(error) } else { self.untyped.append("\(error)") }
        }
    }

    func add(_ text: String) { self.text += text }

    /// None of these may occur in it, not even percent-encoded.
    func expectNone(of secrets: some Sequence<String>) {
        for secret in secrets {
            for form in [secret, RingPercentCoding.encode(secret)] {
                let isPrinted = self.text.contains(form)
                #expect(!isPrinted, "something printed a secret: \(self.around(form))")
            }
        }
    }

    private func around(_ secret: String) -> String {
        guard let found = self.text.range(of: secret) else { return "" }
        let start = self.text.index(found.lowerBound, offsetBy: -120, limitedBy: self.text.startIndex)
        return String(self.text[(start ?? self.text.startIndex)..<found.upperBound])
    }
}
