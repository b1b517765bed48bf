import Foundation
import RingJSONAPI

/// JSON is read, iterated over, written and read again.
func fuzzJSON(_ bytes: [UInt8]) {
    do {
        let value = try JSONAPIValue(parsing: bytes)
        try use(value, bytes)
        check(
            !JSONAPILiteral.value(value).line.unicodeScalars.contains(where: PrintableText.isControl), "it is printable"
        )
    } catch let error as JSONAPIReadError {
        check(error.offset >= 0 && error.offset <= bytes.count && !error.description.isEmpty, "the error says where")
    } catch {
        abort()
    }
}

private func use(_ value: JSONAPIValue, _ bytes: [UInt8]) throws {
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
