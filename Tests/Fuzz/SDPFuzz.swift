import Foundation
import RingWHEP

/// A description is read without loss, survives every reader and check, and comes out of a repair as one that needs none.
func fuzzSDP(_ bytes: [UInt8]) {
    if let fragment = try? SDPFragment(parsing: bytes) { _ = try? SDPFragment(parsing: Array(fragment.text.utf8)) }
    let sdp: SDP
    do throws(SDPError) {
        sdp = try SDP(parsing: bytes)
    } catch {
        guard !error.description.isEmpty, error.line ?? 1 >= 1 else { abort() }
        return
    }
    guard sdp.encodedAsReceived() == bytes else { abort() }
    guard let again = try? SDP(parsing: sdp.encoded()), again.encoded() == sdp.encoded(),
        again.media.count == sdp.media.count, again.hasCanonicalLineEnds
    else { abort() }
    for section in sdp.media {
        _ = (section.direction, section.iceCredentials?.hasValidLengths, section.setup)
        _ = (section.fingerprints, section.extensionMappings, section.isRejected, section.hasRTCPMux, section.codec)
        for codec in section.codecs {
            _ = (codec.h264Profile?.kind, codec.associatedFormat, codec.packetizationMode, codec.feedback)
        }
        for candidate in section.candidates {
            guard SDPCandidate(attributeValue: candidate.attributeValue) == candidate else { abort() }
            _ = candidate.reach
        }
    }
    guard !sdp.encoded().contains(0), again.lines.allSatisfy(\.isClean) else { abort() }
    let lines = 1...sdp.lines.count
    for finding in sdp.offerFindings() where !(finding.line.map(lines.contains) ?? true) { abort() }
    _ = try? SDPFragment(offer: sdp).text
    for offer in offers {
        _ = try? offer.checked(against: sdp)
        guard let checked = try? sdp.checked(against: offer) else { continue }
        guard checked.sdp.hasCanonicalLineEnds, checked.sdp.media.count == offer.media.count,
            let second = try? checked.sdp.checked(against: offer), second.repairs.isEmpty,
            second.sdp == checked.sdp
        else { abort() }
    }
}

private let offers: [SDP] = ["0", "video0"].compactMap { mid in
    try? SDP(
        """
        v=0
        a=group:BUNDLE \(mid)
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102
        a=mid:\(mid)
        a=recvonly
        a=rtcp-mux
        a=rtpmap:96 H264/90000
        """)
}
