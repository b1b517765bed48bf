internal import RingCore

/// Reads the fragments that ``MP4FragmentBuilder`` has written into a file, one after the other.
struct MP4FragmentReader {
    struct Sample {
        var duration: UInt32
        var size: UInt32
        var isKey: Bool
    }

    /// The samples of one track in a fragment; they stand one behind the other.
    struct Run {
        /// When the first one begins.
        var base: Int64
        /// Where the first one stands.
        var offset: Int64
        var samples: [Sample]
        /// The number of their sample description, from 0.
        var description: Int

        var duration: Int64 { self.samples.reduce(0) { $0 + Int64($1.duration) } }
    }

    /// A box between fragments: the parameter sets of the pictures that follow. Players pass over it.
    static func note(_ configuration: H264Configuration) -> [UInt8] {
        MP4.box("free", MP4.text("avcC"), configuration.record)
    }

    /// The most sample descriptions of a file. Pictures of further ones have their parameter sets with them.
    static let maximumDescriptions = 64
    /// The longest box in front of media that is read: that of more samples than one fragment takes.
    private static let maximumHead = 4 << 20

    let file: RingOutputFile
    /// Where the first fragment begins.
    let start: Int64
    /// The parameter sets of the first pictures.
    let configuration: H264Configuration

    /// Reads all fragments up to one that is not complete.
    ///
    /// - Parameter body: Takes the runs of one fragment, by track, and the sample descriptions so far.
    /// - Returns: Where the last complete fragment ends.
    @discardableResult
    func forEach(
        _ body: (_ runs: [Int: Run], _ configurations: [H264Configuration]) throws(RingError) -> Void
    ) throws(RingError) -> Int64 {
        var configurations = [self.configuration]
        var current = 0
        var position = self.start
        while position + 8 <= self.file.length {
            var head = try self.file.read(4096, at: position)
            let size = Self.number(head, 0, 4)
            guard size >= 8, size <= Self.maximumHead, position + Int64(size) <= self.file.length else { break }
            if head.count < size + 8 { head = try self.file.read(size + 8, at: position) }
            switch Self.type(head, 4) {
            case "free":
                guard let configuration = Self.configuration(head[..<min(size, head.count)]) else { break }
                if let known = configurations.firstIndex(of: configuration) {
                    current = known
                } else if configurations.count < Self.maximumDescriptions {
                    current = configurations.count
                    configurations.append(configuration)
                } else {
                    current = 0
                }
                position += Int64(size)
                continue
            case "moof":
                guard Self.type(head, size + 4) == "mdat" else { return position }
                let end = position + Int64(size + Self.number(head, size, 4))
                guard end <= self.file.length, end >= position + Int64(size) + 8 else { return position }
                try body(Self.runs(head[..<size], at: position, description: current), configurations)
                position = end
                continue
            default: return position
            }
            position += Int64(size)
        }
        return position
    }

    /// Reads the runs of one track. The last sample of each run lasts until the next run begins.
    func forEachRun(of track: Int, _ body: (Run) throws(RingError) -> Void) throws(RingError) {
        var waiting: Run?
        try self.forEach { (runs, _) throws(RingError) in
            guard let run = runs[track], !run.samples.isEmpty else { return }
            if var last = waiting {
                let index = last.samples.count - 1
                let begin = last.base + last.duration - Int64(last.samples[index].duration)
                last.samples[index].duration = UInt32(clamping: run.base - begin)
                try body(last)
            }
            waiting = run
        }
        if let waiting { try body(waiting) }
    }

    private static func configuration(_ box: ArraySlice<UInt8>) -> H264Configuration? {
        guard box.count > 12, Self.type(Array(box.prefix(12)), 8) == "avcC" else { return nil }
        return H264Configuration(record: Array(box.dropFirst(12)))
    }

    private static func runs(_ moof: ArraySlice<UInt8>, at position: Int64, description: Int) -> [Int: Run] {
        var runs: [Int: Run] = [:]
        // Behind the header and `mfhd`.
        var rest = moof.dropFirst(24)
        while rest.count >= 8 {
            let size = Self.number(rest, 0, 4)
            guard size >= 8, size <= rest.count else { break }
            let track = rest.dropFirst(8).prefix(size - 8)
            rest = rest.dropFirst(size)
            let head = Self.number(track, 0, 4)
            // `tfhd`, `tfdt` and `trun`, as the builder writes them.
            guard head >= 16, head + 40 <= track.count else { break }
            let run = track.dropFirst(head + 20)
            let flags = Self.number(run, 8, 4)
            let (count, width) = (Self.number(run, 12, 4), flags & 0x400 != 0 ? 12 : 8)
            guard count <= (run.count - 20) / width else { break }
            let isVideo = width == 12
            runs[Self.number(track, 12, 4)] = Run(
                base: Int64(truncatingIfNeeded: Self.number(track, head + 12, 8)),
                offset: position + Int64(Self.number(run, 16, 4)),
                samples: (0..<count).map { index in
                    let place = 20 + index * width
                    return Sample(
                        duration: UInt32(Self.number(run, place, 4)), size: UInt32(Self.number(run, place + 4, 4)),
                        isKey: !isVideo || Self.number(run, place + 8, 4) & 0x1_0000 == 0)
                }, description: isVideo ? description : 0)
        }
        return runs
    }

    /// The number of so many bytes behind the beginning of the slice; 0 behind its end.
    private static func number(_ bytes: some RandomAccessCollection<UInt8>, _ offset: Int, _ width: Int) -> Int {
        bytes.dropFirst(offset).prefix(width).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func type(_ bytes: [UInt8], _ offset: Int) -> String {
        String(decoding: bytes.dropFirst(offset).prefix(4), as: UTF8.self)
    }
}
