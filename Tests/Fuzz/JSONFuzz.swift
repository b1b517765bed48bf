import Foundation
import RingJSONAPI

/// Fed by libFuzzer: any bytes must be refused with an error, or be read and survive being iterated, written and read
/// again. What is wrong ends the process, which is how libFuzzer learns of it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    do {
        let value = try JSONAPIValue(parsing: bytes)
        try check(value, bytes)
    } catch let error as JSONAPIReadError {
        guard error.offset >= 0, error.offset <= bytes.count, !error.description.isEmpty else { abort() }
    } catch {
        abort()
    }
    return 0
}

private func check(_ value: JSONAPIValue, _ bytes: [UInt8]) throws {
    let document = JSONAPIDocument(value)
    // Bytes that are not UTF-8 are a problem of their string.
    guard String(validating: bytes, as: UTF8.self) != nil || !document.problems.isEmpty else { abort() }
    for resource in document.resources + document.allIncluded {
        _ = (resource.identifier, resource.raw["links"], resource.attributes?.count)
        for (name, _) in resource.raw["relationships"]?.members ?? [] {
            _ = resource.relationship(name).map { document.included($0)?.id }
        }
    }
    for resource in document.allIncluded {
        if document.included(type: resource.type, id: resource.id) == nil { abort() }
    }
    var pending = [value]
    while let value = pending.popLast() {
        _ = (value.string, value.int64, value.double, value.integer, value.number, value.date, value.path)
        let members = value.members.map { $0.value }
        guard members.count + value.elements.count == value.count else { abort() }
        for member in value.members where value.member(member.name) != member.value { abort() }
        pending += members + value.elements
    }
    let again = try JSONAPIValue(
        parsing: JSONAPILiteral.array([.value(value)]).bytes, limits: JSONAPILimits(depth: 200))
    guard again.elements.first == value, again.elements.first.hashValue == Optional(value).hashValue else { abort() }
}
