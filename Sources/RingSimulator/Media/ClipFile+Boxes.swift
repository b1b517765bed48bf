/// The boxes in front of the media (ISO/IEC 14496-12 and -15).
extension ClipFile {
    /// What is read from the samples before the first byte is sent: their sizes, and where groups begin.
    struct Layout: Sendable {
        var pictureSizes: [UInt32] = []
        /// The first picture of each group.
        var keys: [Int] = []
        var soundSizes: [UInt32] = []
        var mediaBytes = 0

        init(_ file: ClipFile) {
            var samples = file.samples()
            while let sample = samples.nextSample() {
                if sample.isKey { self.keys.append(self.pictureSizes.count) }
                self.pictureSizes.append(UInt32(sample.bytes.count))
                self.mediaBytes += sample.bytes.count
            }
            for number in 0..<file.soundCount {
                let size = file.soundFrame(number).count
                self.soundSizes.append(UInt32(size))
                self.mediaBytes += size
            }
        }

        /// The end of each group.
        var ends: [Int] { Array(self.keys.dropFirst()) + [self.pictureSizes.count] }
    }

    /// Everything in front of the first sample.
    func head(_ layout: Layout) -> [UInt8] {
        let type = box("ftyp", text("isom"), number(512), text(self.isHEVC ? "isomiso2hvc1mp41" : "isomiso2avc1mp41"))
        // The movie has the same size wherever its samples stand.
        let size = type.count + self.movie(layout, from: 0).count + 8
        return type + self.movie(layout, from: size) + number(layout.mediaBytes + 8) + text("mdat")
    }

    private var seconds1904: Int { Int(clamping: self.start / 1000 + 2_082_844_800) & 0xFFFF_FFFF }

    private func movie(_ layout: Layout, from start: Int) -> [UInt8] {
        let tracks = self.hasSound ? 3 : 2
        let header = full(
            "mvhd", number(self.seconds1904), number(self.seconds1904), number(1000), number(Int(self.milliseconds)),
            number(0x1_0000), number(0x100, 2), zeros(10), Self.matrix, zeros(24), number(tracks))
        var places: (video: [Int], sound: [Int]) = ([], [])
        var place = start
        var (picture, frame) = (0, 0)
        for end in layout.ends {
            places.video.append(place)
            place += layout.pictureSizes[picture..<end].reduce(0) { $0 + Int($1) }
            picture = end
            let soundEnd = self.soundCount(before: end)
            if soundEnd > frame {
                places.sound.append(place)
                place += layout.soundSizes[frame..<soundEnd].reduce(0) { $0 + Int($1) }
                frame = soundEnd
            }
        }
        let video = self.videoTrack(layout, places.video)
        return box("moov", header, video, self.hasSound ? self.soundTrack(layout, places.sound) : [])
    }

    private func videoTrack(_ layout: Layout, _ places: [Int]) -> [UInt8] {
        let (width, height) = VideoPack.sizes[self.size]
        let count = layout.pictureSizes.count
        // A thousand units for each picture; the last one lasts what is left, so that the length is exact.
        let last = Int(self.milliseconds) * self.rate - (count - 1) * 1000
        let times = Self.times(count, each: 1000, last: last)
        let keys = full("stss", number(layout.keys.count), layout.keys.flatMap { number($0 + 1) })
        let table = box(
            "stbl", full("stsd", number(1), self.videoEntry(width, height)), times, keys,
            Self.chunks(Self.lengths(layout.ends)), Self.sizes(layout.pictureSizes), Self.offsets(places))
        return self.track(
            1, width: width, height: height, scale: self.rate * 1000, length: Int(self.milliseconds) * self.rate,
            kind: "vide", header: full("vmhd", flags: 1, zeros(8)), table)
    }

    private func videoEntry(_ width: Int, _ height: Int) -> [UInt8] {
        if self.isHEVC { return self.hevcEntry }
        guard let pack = VideoPack.of(.rain, size: self.size) else { return [] }
        let (sequence, picture) = (pack.sequenceParameters, pack.pictureParameters)
        var configuration: [UInt8] = [1] + sequence[1...3] + [0xFF, 0xE1]
        configuration += number(sequence.count, 2) + sequence + [1] + number(picture.count, 2) + picture
        // For the high profiles: 4:2:0, eight bits, no extensions.
        configuration += [0xFD, 0xF8, 0xF8, 0]
        return Self.visualEntry("avc1", width, height, box("avcC", configuration))
    }

    private var hevcEntry: [UInt8] {
        guard let pack = HEVCPack.of(.rain) else { return [] }
        // 4:2:0, eight bits; nothing scalable in time; lengths of four bytes (ISO/IEC 14496-15, 8.3.3.1).
        var configuration: [UInt8] = [1] + pack.profile + [0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F]
        configuration.append(UInt8(pack.parameters.count))
        for (type, unit) in pack.parameters {
            configuration += [0x80 | type] + number(1, 2) + number(unit.count, 2) + unit
        }
        return Self.visualEntry("hvc1", pack.width, pack.height, box("hvcC", configuration))
    }

    private static func visualEntry(_ type: String, _ width: Int, _ height: Int, _ configuration: [UInt8]) -> [UInt8] {
        box(
            type, zeros(6), number(1, 2), zeros(16), number(width, 2), number(height, 2), number(0x48_0000),
            number(0x48_0000), zeros(4), number(1, 2), zeros(32), number(24, 2), number(0xFFFF, 2), configuration)
    }

    private func soundTrack(_ layout: Layout, _ places: [Int]) -> [UInt8] {
        var lengths: [Int] = []
        var frame = 0
        for end in layout.ends.map(self.soundCount(before:)) where end > frame {
            lengths.append(end - frame)
            frame = end
        }
        let length = Int(self.milliseconds * Sound.rate / 1000)
        let last = length - (layout.soundSizes.count - 1) * Int(Sound.frameLength)
        // AudioSpecificConfig: AAC-LC, 16 kHz, one channel (ISO/IEC 14496-3, 1.6.2.1).
        let decoder: [UInt8] = [0x40, 0x15, 0, 0, 0] + number(24_000) + number(24_000) + [5, 2, 0x14, 0x08]
        let stream: [UInt8] = [0, 2, 0, 4, UInt8(decoder.count)] + decoder + [6, 1, 2]
        let entry = box(
            "mp4a", zeros(6), number(1, 2), zeros(8), number(1, 2), number(16, 2), zeros(4), number(16_000 << 16),
            full("esds", [3, UInt8(stream.count)] + stream))
        let table = box(
            "stbl", full("stsd", number(1), entry), Self.times(layout.soundSizes.count, each: 1024, last: last),
            Self.chunks(lengths), Self.sizes(layout.soundSizes), Self.offsets(places))
        return self.track(
            2, width: 0, height: 0, scale: Int(Sound.rate), length: length, kind: "soun",
            header: full("smhd", zeros(4)), table)
    }

    private func track(
        _ id: Int, width: Int, height: Int, scale: Int, length: Int, kind: String, header: [UInt8], _ table: [UInt8]
    ) -> [UInt8] {
        let date = number(self.seconds1904)
        let references = box("dinf", full("dref", number(1), full("url ", flags: 1)))
        let media = box(
            "mdia", full("mdhd", date, date, number(scale), number(length), number(0x55C4, 2), zeros(2)),
            full("hdlr", zeros(4), text(kind), zeros(12), text("Simulated\0")), box("minf", header, references, table))
        return box(
            "trak",
            full(
                "tkhd", flags: 3, date, date, number(id), zeros(4), number(Int(self.milliseconds)), zeros(12),
                number(kind == "soun" ? 0x100 : 0, 2), zeros(2), Self.matrix, number(width << 16),
                number(height << 16)), media)
    }

    private static let matrix = number(0x1_0000) + zeros(12) + number(0x1_0000) + zeros(12) + number(0x4000_0000)

    private static func times(_ count: Int, each: Int, last: Int) -> [UInt8] {
        let entries = count > 1 ? [(count - 1, each), (1, last)] : [(count, last)]
        return full("stts", number(entries.count), entries.flatMap { number($0.0) + number($0.1) })
    }

    /// The lengths of groups from their ends.
    private static func lengths(_ ends: [Int]) -> [Int] { zip(ends, [0] + ends.dropLast()).map { $0 - $1 } }

    private static func chunks(_ lengths: [Int]) -> [UInt8] {
        var entries: [UInt8] = []
        var count = 0
        var previous = 0
        for (index, length) in lengths.enumerated() where length != previous {
            entries += number(index + 1) + number(length) + number(1)
            count += 1
            previous = length
        }
        return full("stsc", number(count), entries)
    }

    private static func sizes(_ sizes: [UInt32]) -> [UInt8] {
        full("stsz", number(0), number(sizes.count), sizes.flatMap(\.bigEndianBytes))
    }

    private static func offsets(_ places: [Int]) -> [UInt8] {
        full("stco", number(places.count), places.flatMap { number($0) })
    }
}

private func number(_ value: Int, _ width: Int = 4) -> [UInt8] {
    Array(UInt64(truncatingIfNeeded: value).bigEndianBytes.suffix(width))
}

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

private func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] {
    number(parts.reduce(8) { $0 + $1.count }) + text(type) + parts.joined()
}

private func full(_ type: String, flags: Int = 0, _ parts: [UInt8]...) -> [UInt8] {
    number(parts.reduce(12) { $0 + $1.count }) + text(type) + number(flags) + parts.joined()
}
