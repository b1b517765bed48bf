internal import RingCore
internal import RingLive

/// What a camera shows now, as pictures of a live session.
struct LiveScene: Sendable {
    /// Pictures a second: as many as are prepared.
    static let rate = VideoPack.of(.rain, size: VideoPack.standardSize)?.groups.rate ?? 10
    /// The numbers of pictures are coded with so many bits that a group may not be longer, whatever the clock does.
    private static let maximumGroup = 50
    /// A peer that asks for key frames all the time gets two in a second.
    private static let minimumGroup = Self.rate / 2

    private var samples = ClipSamples(
        file: ClipFile(timeline: SceneTimeline(actions: [], place: .rain), start: 0, milliseconds: 1, rate: Self.rate))
    private var sinceKey = 0
    private var isKeyFrameWanted = false

    /// The picture of a time in the byte stream format, with parameter sets in front of each key frame.
    mutating func picture(at time: Int64, _ moment: SceneTimeline.Moment, isKeyFrameWanted: Bool) -> [UInt8]? {
        self.isKeyFrameWanted = self.isKeyFrameWanted || isKeyFrameWanted
        let begins = self.isKeyFrameWanted && self.sinceKey >= Self.minimumGroup || self.sinceKey >= Self.maximumGroup
        guard let sample = self.samples.sample(at: time, moment, beginsGroup: begins),
            let pack = VideoPack.of(moment.scene, size: VideoPack.standardSize)
        else { return nil }
        var bytes: [UInt8] = []
        if sample.isKey {
            (self.sinceKey, self.isKeyFrameWanted) = (0, false)
            bytes = H264AnnexB.startCode + pack.sequenceParameters + H264AnnexB.startCode + pack.pictureParameters
        }
        self.sinceKey += 1
        return bytes + H264AnnexB.byteStream(ofSized: sample.bytes)
    }
}

extension H264AnnexB {
    /// NAL units behind their lengths of four bytes, as MP4 has them, with start codes instead.
    fileprivate static func byteStream(ofSized bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while rest.count > 4 {
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            result += Self.startCode + rest.dropFirst(4).prefix(count)
            rest = rest.dropFirst(4 + count)
        }
        return result
    }
}

extension ServiceState {
    /// Whether a live session is neither closed nor over.
    func isOpen(session id: String) -> Bool {
        self.sessions[id].map { !$0.isClosed && $0.ends > self.now } == true
    }

    /// What a camera shows now.
    func liveMoment(of device: RingDeviceID) -> SceneTimeline.Moment {
        self.timeline(of: device, around: self.now...self.now).moment(at: self.now)
    }

    /// The network of a new live session, by the switches.
    func liveNetwork(_ session: String) -> RingLiveSender.Network {
        var network = RingLiveSender.Network()
        network.loss = Double(min(self.switches.limit(.lostPackets), 100)) / 100
        network.reordering = Double(min(self.switches.limit(.reorderedPackets), 100)) / 100
        network.jitter = .milliseconds(min(self.switches.limit(.packetJitter), 10_000))
        network.seed = session.utf8.reduce(self.configuration.seed) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
        return network
    }
}
