import RingHTTP
import Testing

@Suite struct RingHTTPRangeTests {
    @Test func rangesAreReadAsTheStandardSays() {
        #expect(RingHTTPRange("bytes=0-", length: 10) == .part(0..<10))
        #expect(RingHTTPRange("bytes=2-3", length: 10) == .part(2..<4))
        #expect(RingHTTPRange("bytes=8-99", length: 10) == .part(8..<10))
        #expect(RingHTTPRange("bytes=-4", length: 10) == .part(6..<10))
        #expect(RingHTTPRange("bytes=-40", length: 10) == .part(0..<10))
        #expect(RingHTTPRange("Bytes= 2 - 3 ", length: 10) == .part(2..<4))
        #expect(RingHTTPRange("bytes=0-99999999999999999999", length: 10) == .part(0..<10))
        #expect(RingHTTPRange(nil, length: 10) == .whole)
    }

    @Test func whatIsNoSingleRangeIsTheWhole() {
        for odd in ["bytes=3-2", "bytes=", "bytes=-", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=+1-2", ""] {
            #expect(RingHTTPRange(odd, length: 10) == .whole, "\(odd)")
        }
    }

    @Test func aRangeBehindTheEndCannotBeSatisfied() {
        for field in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999-"] {
            #expect(RingHTTPRange(field, length: 10) == .unsatisfiable, "\(field)")
        }
        #expect(RingHTTPRange("bytes=0-", length: 0) == .unsatisfiable)
        #expect(RingHTTPRange("bytes=-1", length: 0) == .unsatisfiable)
    }

    @Test func theContentRangeNamesTheLastByteAndTheLength() {
        #expect(RingHTTPRange.part(2..<4).contentRange(length: 10) == "bytes 2-3/10")
        #expect(RingHTTPRange.unsatisfiable.contentRange(length: 10) == "bytes */10")
        #expect(RingHTTPRange.whole.contentRange(length: 10) == nil)
    }
}
