internal import RingCore

/// The tables of a complete file, made from its fragments (ISO/IEC 14496-12, 8.6 and 8.7).
///
/// Nothing is collected: the fragments are read once for each table, so a recording of a day takes no more memory than one
/// of a second.
struct MP4Index {
    private struct Counts {
        var samples = 0
        var keys = 0
        /// Runs of samples that last equally long.
        var times = 0
        var chunks = 0
        /// Runs of chunks of equal form.
        var forms = 0
        var duration: Int64 = 0
        var start: Int64 = 0

        var hasKeyTable: Bool { self.keys < self.samples }
        /// The length of all tables.
        var size: Int {
            var size = 16 + 16 + 20 + 16
            if self.hasKeyTable { size += 16 + 4 * self.keys }
            size += 8 * self.times
            size += 12 * self.forms
            size += 4 * self.samples
            size += 8 * self.chunks
            return size
        }
    }

    let reader: MP4FragmentReader
    let date: Int

    /// Appends the index to the file.
    ///
    /// - Returns: Whether there is one: a box cannot have more than 4 GB.
    /// - Throws: `RingError` when the file cannot be read or written.
    func append() throws(RingError) -> Bool {
        let file = self.reader.file
        var configurations = [self.reader.configuration]
        try self.reader.forEach { configurations = $1 }
        var tracks: [(track: MP4Track, counts: Counts, head: [UInt8])] = []
        for track in [MP4Track.video(configurations), MP4Track.audio] {
            let counts = try self.count(track)
            guard counts.samples > 0 else { continue }
            let head = track.head(
                date: self.date, duration: Int(counts.duration),
                start: Int(counts.start) * MP4Movie.scale / track.scale, tables: counts.size)
            tracks.append((track, counts, head))
        }
        var duration = 0
        for (track, counts, _) in tracks {
            let end = Int(counts.start + counts.duration)
            duration = max(duration, end * MP4Movie.scale / track.scale)
        }
        let header = MP4Movie.header(date: self.date, duration: duration)
        let size = tracks.reduce(header.count) { $0 + $1.head.count + $1.counts.size }
        guard size + 8 <= Int(UInt32.max) else { return false }
        try file.write(MP4.head("moov", containing: size) + header)
        for (track, counts, head) in tracks {
            var output = Buffer(file: file)
            try output.append(head)
            try self.writeTables(track, counts, &output)
            try output.flush()
        }
        return true
    }

    private func count(_ track: MP4Track) throws(RingError) -> Counts {
        var counts = Counts()
        var lastDuration: UInt32?
        var form: (Int, Int)?
        try self.reader.forEachRun(of: track.id) { run throws(RingError) in
            if counts.chunks == 0 { counts.start = run.base }
            counts.chunks += 1
            if form.map({ $0 != (run.samples.count, run.description) }) ?? true {
                counts.forms += 1
                form = (run.samples.count, run.description)
            }
            for sample in run.samples {
                counts.samples += 1
                if sample.isKey { counts.keys += 1 }
                if sample.duration != lastDuration { counts.times += 1 }
                lastDuration = sample.duration
                counts.duration += Int64(sample.duration)
            }
        }
        return counts
    }

    private func writeTables(_ track: MP4Track, _ counts: Counts, _ output: inout Buffer) throws(RingError) {
        try self.writeTimes(track, counts, &output)
        if counts.hasKeyTable {
            try output.append(Self.table("stss", 16 + 4 * counts.keys, MP4.number(counts.keys)))
            var number = 0
            try self.reader.forEachRun(of: track.id) { run throws(RingError) in
                for sample in run.samples {
                    number += 1
                    if sample.isKey { try output.append(MP4.number(number)) }
                }
            }
        }
        try output.append(Self.table("stsc", 16 + 12 * counts.forms, MP4.number(counts.forms)))
        var chunk = 0
        var form: (Int, Int)?
        try self.reader.forEachRun(of: track.id) { run throws(RingError) in
            chunk += 1
            guard form.map({ $0 != (run.samples.count, run.description) }) ?? true else { return }
            form = (run.samples.count, run.description)
            try output.append(MP4.number(chunk) + MP4.number(run.samples.count) + MP4.number(run.description + 1))
        }
        try output.append(
            Self.table("stsz", 20 + 4 * counts.samples, MP4.number(0) + MP4.number(counts.samples)))
        try self.reader.forEachRun(of: track.id) { run throws(RingError) in
            for sample in run.samples { try output.append(MP4.number(Int(sample.size))) }
        }
        try output.append(Self.table("co64", 16 + 8 * counts.chunks, MP4.number(counts.chunks)))
        try self.reader.forEachRun(of: track.id) { run throws(RingError) in
            try output.append(MP4.number(Int(run.offset), 8))
        }
    }

    private func writeTimes(_ track: MP4Track, _ counts: Counts, _ output: inout Buffer) throws(RingError) {
        try output.append(Self.table("stts", 16 + 8 * counts.times, MP4.number(counts.times)))
        var last: (count: Int, duration: UInt32)?
        try self.reader.forEachRun(of: track.id) { run throws(RingError) in
            for sample in run.samples {
                if let (count, duration) = last, duration == sample.duration {
                    last = (count + 1, duration)
                } else {
                    if let (count, duration) = last {
                        try output.append(MP4.number(count) + MP4.number(Int(duration)))
                    }
                    last = (1, sample.duration)
                }
            }
        }
        if let (count, duration) = last { try output.append(MP4.number(count) + MP4.number(Int(duration))) }
    }

    private static func table(_ type: String, _ size: Int, _ counts: [UInt8]) -> [UInt8] {
        MP4.number(size) + MP4.text(type) + MP4.zeros(4) + counts
    }

    /// Writes in pieces of 64 KiB.
    private struct Buffer {
        let file: RingOutputFile
        private var bytes: [UInt8] = []

        init(file: RingOutputFile) { self.file = file }

        mutating func append(_ bytes: [UInt8]) throws(RingError) {
            self.bytes += bytes
            if self.bytes.count >= 65_536 { try self.flush() }
        }

        mutating func flush() throws(RingError) {
            try self.file.write(self.bytes)
            self.bytes.removeAll(keepingCapacity: true)
        }
    }
}
