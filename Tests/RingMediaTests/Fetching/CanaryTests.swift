import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite struct CanaryTests {
    private func text(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value)\n\(String(describing: value))\n\(String(reflecting: value))\n\(dumped)"
    }

    private func isClean(_ text: String) -> Bool {
        !text.contains(Stage.canary) && !text.contains("security_token") && !text.contains(Stage.token)
            && !text.contains("X-Amz")
    }

    @Test func noOutputHoldsAPresignedURLOrAnAccessToken() async throws {
        let mp4 = try Fixture.bytes("clip.mp4")
        let responses: [RingHTTPResponse] = [
            .mp4(mp4), .failure(403, nil), .failure(403, "REQUEST_FORBIDDEN"), .failure(416, "MEDIA_NOT_FOUND"),
            .failure(425, nil), .failure(500, nil), .redirect(to: Stage.link), .mp4(Array(mp4.prefix(999))),
            .redirect(to: "http://elsewhere.example/?security_token=\(Stage.canary)"),
            .redirect(to: "https://1.2.3.4/\(Stage.canary)?security_token=\(Stage.canary)"),
            .redirect(to: "https://user:\(Stage.canary)@x.example/"), .redirect(to: "%%\(Stage.canary)"),
            RingHTTPResponse(
                status: 200, headerFields: [.contentType: "text/html; \(Stage.canary)"],
                body: RingHTTPBody("<a href='\(Stage.link)'>")),
            RingHTTPResponse(status: 200, body: .chunked(mp4, failing: .cut)),
        ]
        for response in responses {
            let stage = try Stage.linked(response)
            let folder = try TestFolder()
            var outputs: [String] = []
            do {
                outputs.append(self.text(try await stage.media.stream(stage.clip(ended: .seconds(5)))))
            } catch {
                outputs.append(self.text(error))
            }
            do {
                outputs.append(
                    self.text(try await stage.media.download(stage.clip(ended: .seconds(5)), to: folder.file("a"))))
            } catch {
                outputs.append(self.text(error))
                if let error = error as? RingError { outputs += [error.message, "\(error.code)"] }
            }
            outputs.append(stage.observer.transcript)
            for output in outputs { #expect(self.isClean(output), "\(output.prefix(2000))") }
            #expect(stage.gets.allSatisfy { $0.headerFields[.authorization] == nil })
        }
    }
}
