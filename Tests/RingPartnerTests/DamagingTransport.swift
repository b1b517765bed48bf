import Foundation
import RingPartner
import RingTesting
import Synchronization

/// Sends over the network, and damages the responses, in the same way for the same seed: the status, a field, the JSON's
/// structure, or its bytes.
final class DamagingTransport: RingTransport {
    private struct State {
        var mangler: Mangler?
        var damages = 0
    }
    private let state = Mutex(State())

    /// How many responses were damaged.
    var damages: Int { self.state.withLock { $0.damages } }

    /// From now on most responses are damaged; `nil` ends that.
    func damage(seed: Int?) { self.state.withLock { $0.mangler = seed.map { Mangler(seed: $0) } } }

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        let response = try await RingPlatformTransport.shared.send(request, context: context)
        // A damaged grant loses the account, as expected; then there is nothing more to try.
        guard context.operation != .tokenRefresh, self.state.withLock({ $0.mangler }) != nil else {
            return response
        }
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return self.state.withLock { state in
            guard var mangler = state.mangler else { return response }
            defer { state.mangler = mangler }
            var damaged = response
            damaged.body = RingHTTPBody(bytes)
            state.damages += 1
            switch mangler.number(below: 8) {
            case 0: damaged.status = Self.statuses[mangler.number(below: Self.statuses.count)]
            case 1: damaged.headerFields = Self.damage(response.headerFields, &mangler)
            case 2, 3: damaged.body = RingHTTPBody(mangler.mangle(bytes))
            case 4, 5, 6: damaged.body = RingHTTPBody(Self.damage(json: bytes, &mangler))
            default: state.damages -= 1
            }
            return damaged
        }
    }

    private static let statuses = [
        100, 200, 201, 204, 206, 301, 303, 304, 307, 400, 401, 403, 404, 409, 416, 422, 500, 599, 999,
    ]

    private static func damage(_ fields: RingHTTPFields, _ mangler: inout Mangler) -> RingHTTPFields {
        let values = [
            "", "-1", "0", "99999999999999999999", "x", "bytes 5-2/1", "/v1/devices?a[b]=%zz", "//elsewhere.example/x",
            "Wed, 31 Feb 2026 25:61:61 GMT", "text/html; charset=\"", String(repeating: "a,", count: 5_000),
            "\u{1F3E0}",
        ]
        var fields = Array(fields)
        let name: RingHTTPField.Name =
            [.location, .contentType, .contentLength, .retryAfter, .eTag][mangler.number(below: 5)]
        fields.removeAll { $0.name == name }
        fields.append(RingHTTPField(name: name, value: values[mangler.number(below: values.count)]))
        return RingHTTPFields(fields)
    }

    /// Puts something else in the place of one value, anywhere in a document; bytes that are no JSON stay.
    private static func damage(json bytes: [UInt8], _ mangler: inout Mangler) -> [UInt8] {
        guard let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else {
            return bytes
        }
        let damaged = Self.damage(value, &mangler)
        let data = try? JSONSerialization.data(withJSONObject: damaged, options: .fragmentsAllowed)
        return data.map { [UInt8]($0) } ?? bytes
    }

    private static func damage(_ value: Any, _ mangler: inout Mangler) -> Any {
        let goesOn = mangler.number(below: 6) > 0
        if goesOn, var members = value as? [String: Any], !members.isEmpty {
            let key = members.keys.sorted()[mangler.number(below: members.count)]
            members[key] = Self.damage(members[key] as Any, &mangler)
            return members
        }
        if goesOn, var elements = value as? [Any], !elements.isEmpty {
            let index = mangler.number(below: elements.count)
            elements[index] = Self.damage(elements[index], &mangler)
            return elements
        }
        let others: [Any] = [
            NSNull(), true, -1, 1e300, "", "a", "../..", [Any](), [String: Any](), ["data": NSNull()], [[["x"]]],
            String(repeating: "y", count: 70_000), "\u{0}\u{202E}", 9_007_199_254_740_993,
        ]
        return others[mangler.number(below: others.count)]
    }
}
