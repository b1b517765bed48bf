import Foundation
import RingPartner
import Testing

/// Many programs print `localizedDescription`, whatever the error: ours must not come out as "the operation could not be
/// completed".
@Suite(.timeLimit(.minutes(5))) struct LocalizedErrorTests {
    @Test func everyErrorSaysTheSameThere() {
        let errors: [any Error & CustomStringConvertible] = [
            RingError(code: .rateLimited, message: "wait", operation: .devices, status: 429),
            RingWebhookError(code: .wrongSignature, message: "check the key"),
            SDPError(code: .malformedLine, line: 3, message: "no such line"),
        ]
        for error in errors { #expect(error.localizedDescription == error.description) }
    }
}
