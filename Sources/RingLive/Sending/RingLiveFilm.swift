internal import RingCore

/// A prepared H.264 stream, as pictures that can be sent one after the other, again and again.
package struct RingLiveFilm: Sendable {
    /// The access units, each key frame with its parameter sets in front.
    package let pictures: [[UInt8]]
    /// The places of the key frames, in order; the first one is 0.
    package let keyFrames: [Int]
    /// Pictures a second.
    package let rate: Int

    /// Reads a stream in the byte stream format. What precedes the first key frame is left out.
    ///
    /// - Throws: ``RingLiveSenderError`` when it has no key frame with parameter sets.
    package init(annexB bytes: [UInt8], rate: Int) throws(RingLiveSenderError) {
        var reader = PictureReader()
        for unit in H264AnnexB.units(of: bytes) { reader.add(bytes[unit.range], kind: unit.kind) }
        reader.finish()
        guard !reader.pictures.isEmpty, rate > 0 else {
            throw RingLiveSenderError(message: "no key frame with its parameter sets in the H.264 byte stream")
        }
        (self.pictures, self.keyFrames, self.rate) = (reader.pictures, reader.keyFrames, rate)
    }

    /// The place of the picture behind another one; of the next key frame when one is wanted.
    package func place(after place: Int?, isKeyFrameWanted: Bool) -> Int {
        guard let place else { return 0 }
        let next = (place + 1) % self.pictures.count
        return isKeyFrameWanted ? self.keyFrames.first { $0 >= next } ?? 0 : next
    }
}

/// Puts NAL units together to access units (ITU-T H.264, 7.4.1.2.3), for pictures whose first slice begins at the first
/// macroblock.
private struct PictureReader {
    var pictures: [[UInt8]] = []
    var keyFrames: [Int] = []
    private var current: [UInt8] = []
    private var hasSlice = false
    private var isKey = false
    private var hasParameters = false
    private var parameters: [UInt8: ArraySlice<UInt8>] = [:]

    mutating func add(_ unit: ArraySlice<UInt8>, kind: UInt8) {
        let isSlice = kind == 1 || kind == H264AnnexB.keySlice
        // first_mb_in_slice is 0 when the first bit behind the head is set.
        let isFirstSlice = isSlice && unit.dropFirst().first.map { $0 & 0x80 != 0 } == true
        if self.hasSlice, isFirstSlice || (6...9).contains(kind) { self.finish() }
        if kind == H264AnnexB.sequenceParameters || kind == H264AnnexB.pictureParameters {
            self.parameters[kind] = unit
            self.hasParameters = true
        }
        if isSlice {
            self.isKey = self.isKey || kind == H264AnnexB.keySlice
            self.hasSlice = true
        }
        self.current += H264AnnexB.startCode + unit
    }

    mutating func finish() {
        defer { (self.current, self.hasSlice, self.isKey, self.hasParameters) = ([], false, false, false) }
        guard self.hasSlice else { return }
        if self.isKey {
            guard let sequence = self.parameters[H264AnnexB.sequenceParameters],
                let picture = self.parameters[H264AnnexB.pictureParameters]
            else { return }
            self.keyFrames.append(self.pictures.count)
            if !self.hasParameters {
                self.current = H264AnnexB.startCode + sequence + H264AnnexB.startCode + picture + self.current
            }
        }
        if !self.keyFrames.isEmpty { self.pictures.append(self.current) }
    }
}

extension RingLiveSender {
    /// How long a peer may take to connect.
    private static var maximumConnecting: Duration { .seconds(20) }
    /// How long a peer that has sent RTCP may be silent.
    private static var maximumSilence: Duration { .seconds(15) }

    /// Sends pictures in real time, from the moment when the peer is connected: until there is none, the session ends, the
    /// peer is gone, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - rate: Pictures a second.
    ///   - skipsLate: Whether pictures are left out that are late, as a camera does; otherwise all of them are sent.
    ///   - isOpen: Whether to go on; called about as often as pictures are sent, before the connection, too.
    ///   - next: The next picture, or `nil` for none this time; its argument says whether the peer asks for a key frame.
    package func play(
        rate: Int, skipsLate: Bool, isOpen: () -> Bool, next: (_ isKeyFrameWanted: Bool) -> [UInt8]?
    ) async {
        let clock = RingSystemClock()
        let began = clock.uptime()
        while !self.isConnected {
            guard self.end == nil, isOpen(), !Task.isCancelled, clock.uptime() - began < Self.maximumConnecting else {
                return
            }
            await self.waitUntilConnected(atMost: .milliseconds(50))
        }
        let start = clock.uptime()
        var heard = (count: 0, at: start)
        var number = 0
        var checked = start
        while self.end == nil, isOpen(), !Task.isCancelled {
            if skipsLate { number = max(number, Int((clock.uptime() - start) / .seconds(1) * Double(rate))) }
            let time = Duration.nanoseconds(Int64(number) * 1_000_000_000 / Int64(rate))
            let pause = start + time - clock.uptime()
            // The only error is the cancellation, which the loop sees.
            if pause > .zero { try? await clock.sleep(for: pause) }
            if let picture = next(self.takeKeyFrameRequest()) { self.send(picture, at: time) }
            number += 1
            guard clock.uptime() - checked >= .seconds(1) else { continue }
            checked = clock.uptime()
            let received = self.statistics.received
            if received != heard.count { heard = (received, clock.uptime()) }
            if heard.count > 0, clock.uptime() - heard.at > Self.maximumSilence { return }
        }
    }
}
