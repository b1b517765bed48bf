/// The boxes of the top level of an MP4 file.
func boxes(_ bytes: [UInt8]) -> [(type: String, range: Range<Int>)] {
    var boxes: [(type: String, range: Range<Int>)] = []
    var position = 0
    while position + 8 <= bytes.count {
        var size = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
        if size == 1 { size = bytes[(position + 8)..<(position + 16)].reduce(0) { $0 << 8 | Int($1) } }
        guard size >= 8 else { break }
        let type = String(decoding: bytes[(position + 4)..<(position + 8)], as: UTF8.self)
        boxes.append((type, position..<(position + size)))
        position += size
    }
    return boxes
}
