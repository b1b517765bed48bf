internal import CRingGStreamer
internal import RingCore
internal import Synchronization

/// Owns the engine's session: calls reach it until it is closed, and never after.
final class SenderHandle: Sendable {
    // The engine's functions may be called by any thread.
    @safe private struct Pointer: @unchecked Sendable {
        var value: OpaquePointer?
    }

    private let pointer: Mutex<Pointer>
    private let closed = Mutex(false)
    private let hasClosed = RingSignal()

    /// `nil` when there is no memory or no thread to be had.
    init?(_ offer: SenderOffer, _ network: RingLiveSenderNetwork, _ link: SenderLink) {
        let context = unsafe Unmanaged.passRetained(link)
        let created = unsafe offer.text.withCString { text in
            unsafe offer.caps.withCString { caps in
                var options = unsafe ring_gst_sender_options()
                unsafe options.offer = text
                unsafe options.section = offer.section
                unsafe options.payload = offer.payload
                unsafe options.caps = caps
                unsafe options.uses_all_addresses = offer.isFromOtherAddress
                unsafe options.network.loss = network.loss
                unsafe options.network.reordering = network.reordering
                unsafe options.network.jitter = UInt64(max(0, network.jitter / .nanoseconds(1)))
                unsafe options.network.seed = network.seed
                return unsafe ring_gst_sender_new(
                    &options,
                    { context, event, text in
                        guard let context = unsafe context else { return }
                        let text = unsafe text.map { unsafe String(cString: $0) } ?? ""
                        unsafe Unmanaged<SenderLink>.fromOpaque(context).takeUnretainedValue().note(event, text)
                    }, context.toOpaque(),
                    { context in
                        if let context = unsafe context { unsafe Unmanaged<SenderLink>.fromOpaque(context).release() }
                    })
            }
        }
        guard let created = unsafe created else {
            unsafe context.release()
            return nil
        }
        self.pointer = unsafe Mutex(Pointer(value: created))
    }

    deinit {
        // Nobody waits for a session that was forgotten.
        if let pointer = unsafe self.take() { unsafe ring_gst_sender_close(pointer, { _ in }, nil) }
    }

    func push(_ bytes: [UInt8], _ time: Duration) -> Bool {
        self.pointer.withLock { pointer in
            guard let value = unsafe pointer.value else { return false }
            let nanoseconds = UInt64(max(0, time / .nanoseconds(1)))
            return unsafe bytes.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return false }
                return unsafe ring_gst_sender_push(value, base, buffer.count, nanoseconds)
            }
        }
    }

    var statistics: RingLiveSenderStatistics {
        self.pointer.withLock { pointer in
            var result = RingLiveSenderStatistics()
            guard let value = unsafe pointer.value else { return result }
            let numbers = unsafe ring_gst_sender_read(value)
            result.packets = Int(clamping: numbers.packets)
            result.lost = Int(clamping: numbers.lost)
            result.delayed = Int(clamping: numbers.delayed)
            result.reordered = Int(clamping: numbers.reordered)
            result.received = Int(clamping: numbers.received)
            result.requested = Int(clamping: numbers.requested)
            result.repeated = Int(clamping: numbers.repeated)
            return result
        }
    }

    /// Returns when the session is gone, whoever has closed it.
    func close() async {
        if let pointer = unsafe self.take() {
            let context = unsafe Unmanaged.passRetained(self).toOpaque()
            unsafe ring_gst_sender_close(
                pointer,
                { context in
                    guard let context = unsafe context else { return }
                    let handle = unsafe Unmanaged<SenderHandle>.fromOpaque(context).takeRetainedValue()
                    handle.closed.withLock { $0 = true }
                    handle.hasClosed.signal()
                }, context)
        }
        // Also for a cancelled task: sockets and threads are gone when this returns.
        _ = await Task { await self.hasClosed.wait(until: { self.closed.withLock { $0 } }) }.value
    }

    private func take() -> OpaquePointer? {
        unsafe self.pointer.withLock { pointer in
            defer { unsafe pointer.value = nil }
            return unsafe pointer.value
        }
    }
}

/// What the engine's threads report.
final class SenderLink: Sendable {
    struct State: Sendable {
        var answer: String?
        var end: String?
        var isConnected = false
        var isKeyFrameWanted = false
        var keyFrameRequests = 0
    }

    let state = Mutex(State())
    let changed = RingSignal()

    func change(_ body: (inout State) -> Void) {
        self.state.withLock { body(&$0) }
        self.changed.signal()
    }

    func note(_ event: ring_gst_sender_event, _ text: String) {
        self.change { state in
            switch event {
            case RING_GST_SENDER_ANSWER: state.answer = text
            case RING_GST_SENDER_CONNECTED: state.isConnected = true
            case RING_GST_SENDER_KEY_FRAME_WANTED:
                state.isKeyFrameWanted = true
                state.keyFrameRequests += 1
            case RING_GST_SENDER_MISSING:
                state.end =
                    text + "; install gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
                    + "gstreamer1.0-plugins-bad gstreamer1.0-nice"
            default: if state.end == nil { state.end = text }
            }
        }
    }
}
