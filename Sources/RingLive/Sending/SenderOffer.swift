internal import RingWHEP

/// What a sender needs of an SDP offer.
struct SenderOffer: Sendable {
    let text: String
    /// The place of the video section, from 0.
    let section: UInt32
    let payload: UInt32
    /// The format of the payload, as GStreamer writes it.
    let caps: String
    /// Whether the peer has an address that is not of loopback.
    let isFromOtherAddress: Bool

    init(_ text: String, payload: String?) throws(RingLiveSenderError) {
        let offer: SDP
        do { offer = try SDP(text) } catch {
            throw RingLiveSenderError(message: "SDP offer: \(error.message)")
        }
        guard let place = offer.media.firstIndex(where: { $0.kind == .video }) else {
            throw RingLiveSenderError(message: "SDP offer: no video section")
        }
        let video = offer.media[place]
        let formats = video.codecs.filter { $0.isNamed("H264") }
        let chosen =
            if let payload { formats.first { $0.format == payload } } else {
                formats.first { $0.packetizationMode == 1 }
            }
        guard let chosen, let number = UInt32(chosen.format), number < 128 else {
            throw RingLiveSenderError(message: "SDP offer: no H.264 that can be sent")
        }
        let candidates = offer.media.flatMap(\.candidates)
        guard !candidates.isEmpty else {
            throw RingLiveSenderError(message: "SDP offer: no ICE candidate, so the peer cannot be reached")
        }
        self.text = offer.text
        self.section = UInt32(place)
        self.payload = number
        // Of the peer's text, only the profile gets into the caps, and only as hexadecimal digits.
        let profile = (chosen.parameter("profile-level-id") ?? "").filter(\.isHexDigit)
        self.caps =
            "application/x-rtp,media=video,encoding-name=H264,payload=\(number),clock-rate=90000,"
            + "packetization-mode=(string)1,profile-level-id=(string)\(profile.count == 6 ? profile : "42e01f")"
        self.isFromOtherAddress = candidates.contains { $0.reach != .loopback }
    }
}
