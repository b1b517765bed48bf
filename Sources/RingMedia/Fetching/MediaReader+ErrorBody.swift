internal import RingCore
internal import RingJSONAPI

extension MediaReader {
    /// The error objects of a JSON body that came where media was promised; empty when it is anything else.
    static func errorObjects(head: [[UInt8]], rest: RingHTTPBody.Iterator) async -> [JSONAPIErrorObject] {
        var bytes = Array(head.joined())
        var rest = rest
        while bytes.count <= 64 * 1024, let chunk = try? await rest.next() {
            bytes.append(contentsOf: chunk)
        }
        guard bytes.count <= 64 * 1024 else { return [] }
        return (try? JSONAPIDocument(parsing: bytes))?.errors ?? []
    }
}
