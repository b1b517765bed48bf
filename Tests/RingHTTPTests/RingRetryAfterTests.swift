import FoundationEssentials
import RingHTTP
import Testing

/// `Retry-After` as servers write it, and as they should not.
@Suite struct RingRetryAfterTests {
    /// Wed, 18 Nov 2026 11:06:40 GMT.
    let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test(arguments: [
        ("0", Duration.zero), ("1", .seconds(1)), (" 120 ", .seconds(120)), ("007", .seconds(7)),
        ("86400", .seconds(86_400)), ("86401", .seconds(86_400)),
        ("99999999999999999999", .seconds(86_400)), (String(repeating: "9", count: 500), .seconds(86_400)),
    ])
    func readsSeconds(field: String, wait: Duration) {
        #expect(RingRetryAfter.parse(field, now: self.now) == wait)
    }

    @Test(arguments: [
        ("Wed, 18 Nov 2026 11:06:50 GMT", Duration.seconds(10)), ("Wednesday, 18-Nov-26 11:06:50 GMT", .seconds(10)),
        ("Wed Nov 18 11:06:50 2026", .seconds(10)), ("Wed, 18 Nov 2026 11:06:40 GMT", .zero),
        ("Wed, 18 Nov 2026 11:06:39 GMT", .zero), ("Sun, 06 Nov 1994 08:49:37 GMT", .zero),
        ("Sun Nov  6 08:49:37 1994", .zero), ("Sunday, 06-Nov-94 08:49:37 GMT", .zero),
        ("Fri, 18 Dec 2026 11:06:40 GMT", .seconds(86_400)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
        ("Sat, 01 Jan 0000 00:00:00 GMT", .zero),
    ])
    func readsDatesInAllThreeForms(field: String, wait: Duration) {
        #expect(RingRetryAfter.parse(field, now: self.now) == wait)
    }

    /// A gateway adds its own: both have to be waited for.
    @Test func theLongestOfSeveralCounts() {
        var fields: RingHTTPFields = ["Retry-After": "1"]
        #expect(RingRetryAfter.parse(fields, now: self.now) == .seconds(1))
        fields.append(RingHTTPField(name: "retry-after", value: "Wed, 18 Nov 2026 11:07:10 GMT"))
        fields.append(RingHTTPField(name: "Retry-After", value: "soon"))
        fields.append(RingHTTPField(name: "Retry-After", value: "1"))
        #expect(RingRetryAfter.parse(fields, now: self.now) == .seconds(30))
        #expect(RingRetryAfter.parse(["Retry-After": "soon"] as RingHTTPFields, now: self.now) == nil)
        #expect(RingRetryAfter.parse([:] as RingHTTPFields, now: self.now) == nil)
    }

    @Test(arguments: [
        nil, "", "  ", "1.5", "-1", "-86400", "+5", "0x10", "1e3", "1_000", "٣", "1,000", "2, 2", "0b1", "inf", "-inf",
        "infinity", "nan", "soon", "1 s", "1;2", "tomorrow", "Wed, 18 Nov 2026",
        "Wed, 18 Nov 2026 11:06:50 CET", "Wed, 18 Nov 2026 24:06:50 GMT", "Wed, 32 Nov 2026 11:06:50 GMT",
        "Wed, 18 Foo 2026 11:06:50 GMT", "Wed, 18 Nov 99999999999999999999 11:06:50 GMT", "2026-11-18T11:06:50Z",
        "Wed, 18 Nov 2026 11:06 GMT", "😀", "\u{0}",
    ])
    func anythingElseSaysNothing(field: String?) {
        #expect(RingRetryAfter.parse(field, now: self.now) == nil)
    }
}
