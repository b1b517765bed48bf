/// A place in a JSON text that counts no references: what the package's own models read from.
///
/// A ``JSONAPIValue`` keeps its text alive, and that costs two atomic operations each time one is made or passed on: a
/// third of the time that typed decoding took (`decode.devices` in `Benchmarks/`). A cursor is two words that cost
/// nothing. It lives inside the closure it is handed to, as a buffer pointer does; ``kept`` is what may leave it.
///
/// `@inlinable`, as its loops over members are: what a model does with a member is then compiled into the loop. Calls of
/// closures from module to module took a third of the time of typed decoding.
///
/// `@safe` although it holds a pointer: every cursor comes from `withCursor`, which keeps the text alive around the
/// closure, and moves only to places that the index of the text names.
@safe
@_spi(RingModels) public struct JSONAPICursor {
    @usableFromInline internal let text: UnsafePointer<JSONTextPointers>
    @usableFromInline internal var index: Int

    @inlinable @inline(__always) internal init(text: UnsafePointer<JSONTextPointers>, index: Int) {
        unsafe self.text = text
        self.index = index
    }

    @inlinable @inline(__always) internal func entry(_ index: Int) -> JSONEntry {
        JSONEntry(bits: unsafe self.text.pointee.tape[index])
    }

    @inlinable @inline(__always) internal var entry: JSONEntry { self.entry(self.index) }

    @inlinable @inline(__always) internal func at(_ index: Int) -> JSONAPICursor {
        unsafe JSONAPICursor(text: self.text, index: index)
    }

    /// The bytes of a scalar's entry as received, a string's without its quotes.
    @inlinable @inline(__always) internal func utf8(_ entry: JSONEntry) -> UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(rebasing: self.text.pointee.bytes[entry.offset..<entry.offset + entry.number])
    }

    /// The bytes of a string or number, its escapes resolved.
    @inline(__always) internal func withText<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let entry = self.entry
        guard entry.is(.escapedString) else { return unsafe body(self.utf8(entry)) }
        return unsafe JSONUnescaper.bytes(self.utf8(entry)).withUnsafeBufferPointer(body)
    }

    /// The value here, which keeps its text alive and may be stored.
    package var kept: JSONAPIValue {
        unsafe JSONAPIValue(source: self.text.pointee.source.takeUnretainedValue(), index: self.index)
    }

    /// Goes to another value; within one text that costs nothing.
    package func at(_ value: JSONAPIValue, _ body: (JSONAPICursor) -> Void) {
        if unsafe self.text.pointee.source.toOpaque() == Unmanaged.passUnretained(value.source).toOpaque() {
            body(self.at(value.index))
        } else {
            value.withCursor(body)
        }
    }
}

@available(*, unavailable) extension JSONAPICursor: Sendable {}

/// Where a text and its index are in memory, for the duration of `withCursor`.
@unsafe
@usableFromInline
internal struct JSONTextPointers {
    @usableFromInline internal let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline internal let tape: UnsafeBufferPointer<UInt64>
    @usableFromInline internal let source: Unmanaged<JSONText>
}

@available(*, unavailable) extension JSONTextPointers: Sendable {}

extension JSONText {
    @inline(__always) internal func withCursor<Result>(
        at index: Int, _ body: (JSONAPICursor) -> Result
    ) -> Result {
        unsafe self.bytes.withUnsafeBufferPointer { bytes in
            let pointers = unsafe JSONTextPointers(
                bytes: bytes, tape: self.tape, source: Unmanaged.passUnretained(self))
            return unsafe withUnsafePointer(to: pointers) { unsafe body(JSONAPICursor(text: $0, index: index)) }
        }
    }
}

extension JSONAPIValue {
    /// Calls a function with a cursor at this value, which is good until the function returns.
    package func withCursor(_ body: (JSONAPICursor) -> Void) { self.source.withCursor(at: self.index, body) }
}
