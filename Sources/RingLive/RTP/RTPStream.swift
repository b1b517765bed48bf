#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One RTP stream: makes the packets of H.264 (RFC 6184) or Opus (RFC 7587), and the reports about them (RFC 3550).
struct RTPStream: Sendable {
    /// The most bytes of a payload, so that a packet passes every usual network in one piece.
    static let maximumPayload = 1200

    private let payloadType: UInt8
    private let source: UInt32
    /// What time zero is called in the packets.
    private let origin: UInt32
    private var sequence: UInt16
    private var packetCount: UInt32 = 0
    private var payloadBytes: UInt32 = 0

    /// Numbers begin at random, as RFC 3550 wants it.
    init(
        payloadType: UInt8, source: UInt32 = .random(in: 1 ... .max),
        origin: UInt32 = .random(in: 0 ... .max), sequence: UInt16 = .random(in: 0 ... .max)
    ) {
        self.payloadType = payloadType
        self.source = source
        self.origin = origin
        self.sequence = sequence
    }

    /// The packets of one picture: each NAL unit by itself, or in fragments (FU-A).
    ///
    /// - Parameters:
    ///   - units: The NAL units, without start codes.
    ///   - time: In units of the clock rate.
    mutating func packets(of units: [ArraySlice<UInt8>], time: Int64) -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        for unit in units {
            guard let head = unit.first else { continue }
            if unit.count <= Self.maximumPayload {
                payloads.append(Array(unit))
                continue
            }
            var rest = unit.dropFirst()
            while !rest.isEmpty {
                let piece = rest.prefix(Self.maximumPayload - 2)
                let isFirst = rest.count == unit.count - 1
                rest = rest.dropFirst(piece.count)
                // 28 is FU-A; the other bits of the head stay. Then the flags of the first and the last fragment.
                payloads.append(
                    [head & 0xE0 | 28, (isFirst ? 0x80 : 0) | (rest.isEmpty ? 0x40 : 0) | head & 0x1F] + piece)
            }
        }
        let last = payloads.count - 1
        return payloads.enumerated().map { self.packet($1, time: time, isMarked: $0 == last) }
    }

    /// One packet.
    ///
    /// - Parameter isMarked: Whether it is the last one of a picture.
    mutating func packet(_ payload: [UInt8], time: Int64, isMarked: Bool) -> [UInt8] {
        defer { self.sequence &+= 1 }
        self.packetCount &+= 1
        self.payloadBytes &+= UInt32(truncatingIfNeeded: payload.count)
        return [0x80, (isMarked ? 0x80 : 0) | self.payloadType] + MP4.number(Int(self.sequence), 2)
            + MP4.number(Int(self.name(of: time))) + MP4.number(Int(self.source)) + payload
    }

    private func name(of time: Int64) -> UInt32 { self.origin &+ UInt32(truncatingIfNeeded: time) }

    // MARK: RTCP

    /// Says which time of the wall clock a time of the stream is, so that a receiver can show picture and sound together.
    ///
    /// - Parameters:
    ///   - time: In units of the clock rate.
    ///   - secondsSince1900: The wall clock then.
    func report(at time: Int64, secondsSince1900: Double) -> [UInt8] {
        let whole = secondsSince1900.rounded(.down)
        return [0x80, 200] + MP4.number(6, 2) + MP4.number(Int(self.source)) + MP4.number(Int(whole))
            + MP4.number(Int((secondsSince1900 - whole) * 4_294_967_296))
            + MP4.number(Int(self.name(of: time))) + MP4.number(Int(self.packetCount))
            + MP4.number(Int(self.payloadBytes)) + self.description
    }

    /// Says that no more packets come.
    var farewell: [UInt8] {
        [0x80, 201] + MP4.number(1, 2) + MP4.number(Int(self.source)) + self.description + [0x81, 203]
            + MP4.number(1, 2) + MP4.number(Int(self.source))
    }

    /// The name of the source (CNAME), without which nothing else is allowed: the same for picture and sound.
    private var description: [UInt8] {
        // Filled up with zeros, at least one, to a multiple of four bytes.
        let item = [1, 9] + MP4.text("ring-live") + [0]
        return [0x81, 202] + MP4.number(1 + item.count / 4, 2) + MP4.number(Int(self.source)) + item
    }
}

/// The session description (RFC 8866) of what is sent.
enum RTPDescription {
    static let (video, audio): (UInt8, UInt8) = (96, 97)

    /// - Parameters:
    ///   - configuration: The parameter sets; `nil` before the first picture. They are also sent before each key frame.
    static func text(host: String, port: Int, configuration: H264Configuration?, hasAudio: Bool) -> String {
        let family = host.contains(":") ? "IP6" : "IP4"
        var format = "packetization-mode=1"
        if let configuration {
            format += ";profile-level-id=\(configuration.codec.dropFirst("avc1.".count));sprop-parameter-sets="
            format += configuration.units.map { Data($0).base64EncodedString() }.joined(separator: ",")
        }
        var lines = [
            "v=0", "o=- 0 0 IN \(family) \(host)", "s=ring-live", "c=IN \(family) \(host)", "t=0 0",
            "m=video \(port) RTP/AVP \(Self.video)", "a=rtpmap:\(Self.video) H264/90000",
            "a=fmtp:\(Self.video) \(format)",
        ]
        if hasAudio {
            lines += ["m=audio \(port + 2) RTP/AVP \(Self.audio)", "a=rtpmap:\(Self.audio) opus/48000/2"]
        }
        return lines.map { $0 + "\r\n" }.joined()
    }
}
