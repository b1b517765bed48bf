internal import RingJSONAPI
internal import RingListener

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

typealias Response = RingListenerResponse

/// A moment as ISO 8601 in UTC, exact to the millisecond.
func isoTime(_ milliseconds: Int64, digits: Int = 0) -> String {
    let rest = (milliseconds % 1000 + 1000) % 1000
    let second = JSONAPITime.format(Date(timeIntervalSince1970: Double((milliseconds - rest) / 1000)))
    guard digits > 0 else { return second }
    let fraction = String(String(1000 + rest).dropFirst()) + "000000"
    return "\(second.dropLast()).\(fraction.prefix(digits))Z"
}

extension RingListenerResponse {
    static func json(_ status: Int, _ body: JSONAPILiteral, type: String = "application/json; charset=utf-8")
        -> Response
    {
        Response(status: status, headers: ["Content-Type": type], body: .bytes(body.lineBytes))
    }

    static func empty(_ status: Int) -> Response { Response(status: status) }

    /// An errors document; members that are `nil` are left out.
    static func failure(
        _ status: Int, title: String? = nil, detail: String? = nil, code: String? = nil, pointer: String? = nil
    ) -> Response {
        var error: [(String, JSONAPILiteral)] = [("status", .string(String(status)))]
        if let code { error.append(("code", .string(code))) }
        if let title { error.append(("title", .string(title))) }
        if let detail { error.append(("detail", .string(detail))) }
        if let pointer { error.append(("source", ["pointer": .string(pointer)])) }
        return .json(status, ["errors": [.object(error)]])
    }
}
