internal import CRingGStreamer

/// Decodes one key frame and encodes it as JPEG, in memory.
struct PictureDecoder {
    /// The decoding element.
    let element: String

    /// - Throws: `RingLiveError` with `engineMissing` when no decoder is installed.
    static func installed() async throws(RingLiveError) -> PictureDecoder {
        try await LiveLoader.load()
        for needed in ["h264parse", "videoconvert", "jpegenc", "appsrc"]
        where LiveLoader.firstInstalled([needed]) == nil {
            throw LiveLoader.error("the element \(needed) is not installed")
        }
        guard let element = LiveLoader.firstInstalled(["openh264dec", "avdec_h264"]) else {
            throw LiveLoader.error("a still picture needs a decoder, openh264dec or avdec_h264 (gstreamer1.0-libav)")
        }
        return PictureDecoder(element: element)
    }

    /// - Throws: `RingLiveError` with `snapshotFailed`.
    func jpeg(
        of unit: RingLiveAccessUnit, quality: Int
    ) async throws(RingLiveError) -> (bytes: [UInt8], width: Int, height: Int) {
        let element = self.element
        let result = await LiveThread.run { Self.decode(unit.bytes, element, UInt32(clamping: quality)) }
        return try result.get()
    }

    private struct Picture {
        var bytes: [UInt8] = []
        var width = 0
        var height = 0
    }

    private static func decode(
        _ bytes: [UInt8], _ element: String, _ quality: UInt32
    ) -> Result<(bytes: [UInt8], width: Int, height: Int), RingLiveError> {
        var picture = Picture()
        var failure = [CChar](repeating: 0, count: 200)
        let isDone = unsafe withUnsafeMutablePointer(to: &picture) { picture in
            unsafe ring_gst_decode_picture(
                bytes, bytes.count, element, quality, picture,
                { context, jpeg, count, width, height in
                    guard let picture = unsafe context?.assumingMemoryBound(to: Picture.self) else { return }
                    unsafe picture.pointee = Picture(
                        bytes: Array(UnsafeBufferPointer(start: jpeg, count: count)), width: Int(width),
                        height: Int(height))
                }, &failure)
        }
        guard isDone else {
            let reason = String(decoding: failure.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return .failure(RingLiveError(.snapshotFailed, "the key frame could not become a JPEG (\(reason))"))
        }
        return .success((picture.bytes, picture.width, picture.height))
    }
}
