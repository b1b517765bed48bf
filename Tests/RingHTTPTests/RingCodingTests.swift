import FoundationEssentials
import RingHTTP
import Testing

@Suite struct RingPercentCodingTests {
    @Test(arguments: [
        ("", ""), ("AZaz09-._~", "AZaz09-._~"), ("a b/c", "a%20b%2Fc"), ("é€😀", "%C3%A9%E2%82%AC%F0%9F%98%80"),
        ("%41", "%2541"), ("+&=", "%2B%26%3D"),
    ])
    func encodesEverythingButUnreservedCharacters(text: String, encoded: String) {
        #expect(RingPercentCoding.encode(text) == encoded)
        #expect(RingPercentCoding.decode(encoded.utf8) == text)
        #expect(RingPercentCoding.decodeStrictly(encoded.utf8) == text)
    }

    @Test(arguments: ["%", "%4", "%4g", "a%zzb", "%%"])
    func aBrokenEscapeStaysOrIsRefused(text: String) {
        #expect(RingPercentCoding.decode(text.utf8) == text)
        #expect(RingPercentCoding.decodeStrictly(text.utf8) == nil)
    }

    @Test func bytesThatAreNoUTF8() {
        #expect(RingPercentCoding.decode("a%FFb".utf8) == "a\u{FFFD}b")
        #expect(RingPercentCoding.decodeStrictly("a%FFb".utf8) == nil)
    }

    @Test func aPlusIsASpaceInFormsAlone() {
        #expect(RingPercentCoding.decode("a+b%2Bc".utf8) == "a+b+c")
        #expect(RingPercentCoding.decode("a+b%2Bc".utf8, plusIsSpace: true) == "a b+c")
        #expect(RingPercentCoding.decode("%3a%3A".utf8) == "::")
    }
}

@Suite struct RingHTTPFormTests {
    @Test func keepsOrderAndRepeatedNames() {
        let form = RingHTTPForm(parsing: "a=1&b=%20two&a=3+4&flag&&=x&c=d=e".utf8)
        #expect(form.items.map(\.name) == ["a", "b", "a", "flag", "", "c"])
        #expect(form.items.map(\.value) == ["1", " two", "3 4", "", "x", "d=e"])
        #expect(form["a"] == "1" && form["none"] == nil)
        #expect(form.only("a") == nil && form.only("b") == " two" && form.only("none") == nil)
    }

    @Test(arguments: ["", "&", "&&&"]) func nothingIsNoPair(text: String) {
        #expect(RingHTTPForm(parsing: text.utf8).items.isEmpty)
    }

    @Test func whatIsEncodedIsReadAgain() {
        let form = RingHTTPForm([.init(name: "code", value: "a b&c=d+é"), .init(name: "n", value: "")])
        #expect(form.encoded == "code=a%20b%26c%3Dd%2B%C3%A9&n=")
        #expect(RingHTTPForm(parsing: form.encoded.utf8) == form)
    }
}

@Suite struct RingHTTPLinkTests {
    private func links(_ fields: String...) -> [String] {
        RingHTTPLink.links(fields).map { link in
            link.target + link.parameters.map { ";\($0.name)=\($0.value)" }.joined()
        }
    }

    @Test func readsTargetsAndParameters() {
        #expect(self.links(#"<stun:a>; rel="ice-server""#) == ["stun:a;rel=ice-server"])
        #expect(self.links("</a>;rel=next, </b> ; REL = prev") == ["/a;rel=next", "/b;rel=prev"])
        #expect(self.links("</a>", "</b>; x") == ["/a", "/b;x="])
    }

    @Test func quotedValuesContainSeparators() {
        #expect(self.links(#"<a>; title="x, <y>; \"z\""; rel=r, <b>"#) == [#"a;title=x, <y>; "z";rel=r"#, "b"])
        #expect(self.links(#"<a>; title="open"#) == ["a;title=open"])
    }

    @Test(arguments: ["", ",", "no link", ";;;", "<", "<a", "\"<a>\""]) func survivesDamagedFields(field: String) {
        #expect(self.links(field).count <= 1)
    }

    /// RFC 8288, appendix B.2: without its end, it is no link.
    @Test(arguments: ["<a", "<", "<a; rel=next", "<a, <b"]) func aTargetHasAnEnd(field: String) {
        #expect(self.links(field).isEmpty)
        #expect(self.links("</first>, " + field) == ["/first"])
    }

    @Test func relationsAreSplitAndLowered() throws {
        let link = try #require(RingHTTPLink.links([#"<a>; rel="Next URN:X""#]).first)
        #expect(link.relations == ["next", "urn:x"] && link["rel"] == "Next URN:X")
    }
}

@Suite struct RingHTTPDateTests {
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func writesWhatItReads(seconds: Int, text: String) {
        let date = Date(timeIntervalSince1970: Double(seconds))
        #expect(RingHTTPDate.format(date) == text)
        #expect(RingHTTPDate.parse(text, now: date) == date)
    }

    /// Wed, 18 Nov 2026 11:06:40 GMT.
    private let now = Date(timeIntervalSince1970: 1_795_000_000)

    /// RFC 9110 section 5.6.7: more than 50 years in the future is the past.
    @Test(arguments: [
        ("70", 2070), ("76", 2076), ("77", 1977), ("99", 1999), ("00", 2000), ("26", 2026), ("27", 2027),
    ])
    func aYearOfTwoDigitsIsAtMostFiftyYearsAhead(digits: String, year: Int64) {
        let days = RingCivilCalendar.days(year: year, month: 11, day: 6)
        #expect(
            RingHTTPDate.parse("Sunday, 06-Nov-\(digits) 00:00:00 GMT", now: self.now)
                == Date(timeIntervalSince1970: Double(days) * 86_400))
    }

    @Test func theFiftyYearsEndOnTheDay() {
        let later = RingHTTPDate.parse("Sunday, 19-Nov-76 00:00:00 GMT", now: self.now)
        #expect(
            later
                == Date(timeIntervalSince1970: Double(RingCivilCalendar.days(year: 1976, month: 11, day: 19)) * 86_400))
        // No 29 February within the 50 years that end in 2076, so the one of 2076 is meant.
        let leap = RingHTTPDate.parse("Sunday, 29-Feb-76 00:00:00 GMT", now: self.now)
        #expect(
            leap == Date(timeIntervalSince1970: Double(RingCivilCalendar.days(year: 2076, month: 2, day: 29)) * 86_400))
    }

    @Test(arguments: [
        "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 29 Feb 2026 00:00:00 GMT", "Sun, 31 Apr 2026 00:00:00 GMT",
        "Sunday, 31-Feb-26 00:00:00 GMT", "Sun Feb 31 00:00:00 2026", "Sun, 00 Nov 2026 00:00:00 GMT",
        "Sun, 6 Nov 2026 00:00:00 GMT", "Sun, +6 Nov 2026 00:00:00 GMT", "Sun, 06 Nov 26 00:00:00 GMT",
        "Sun, 06 nov 2026 00:00:00 GMT", "Sun, 06 Nov 2026 0:00:00 GMT", "Sun, 06 Nov 2026 00:00:+1 GMT",
        "Sun, 06 Nov 2026 00:00:00:00 GMT", "Sun, 06 Nov 2026 :00:00:00 GMT", "Sun, 06 Nov 2026 00:00:00 UTC",
        "Sun, 06 Nov 2026 00:00:00 gmt", "Sun 06 Nov 2026 00:00:00 GMT", "Sun,06 Nov 2026 00:00:00 GMT",
        "Xyz, 06 Nov 2026 00:00:00 GMT", "06 Nov 2026 00:00:00 GMT", "Sun, 06-Nov-2026 00:00:00 GMT",
        "Sun, 06-Nov-26 00:00:00 GMT", "Sunday, 06 Nov 2026 00:00:00 GMT", "Sunday, 06-Nov-026 00:00:00 GMT",
        "Sun Nov 6 00:00:00 2026", "Sun Nov  16 00:00:00 2026", "Sun Nov 06 00:00:00 26",
        "Sun, 06 Nov  2026 00:00:00 GMT",
    ])
    func whatTheGrammarForbidsIsNoDate(text: String) { #expect(RingHTTPDate.parse(text, now: self.now) == nil) }
}

@Suite struct RingCivilCalendarTests {
    @Test func everyDayOfEightHundredYearsIsReadBack() {
        var expected: (year: Int64, month: Int64, day: Int64) = (1600, 1, 1)
        for days in RingCivilCalendar.days(
            year: 1600, month: 1, day: 1)..<RingCivilCalendar.days(
                year: 2400, month: 1, day: 1)
        {
            let date = RingCivilCalendar.date(days: days)
            guard date == expected, RingCivilCalendar.days(year: date.year, month: date.month, day: date.day) == days
            else {
                Issue.record("\(date) at \(days)")
                return
            }
            expected.day += 1
            if expected.day > RingCivilCalendar.daysInMonth(expected.month, of: expected.year) {
                expected = (expected.year, expected.month + 1, 1)
            }
            if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
        }
        #expect(RingCivilCalendar.days(year: 1970, month: 1, day: 1) == 0)
    }

    @Test func divisionRoundsDown() {
        #expect(RingCivilCalendar.floorDivide(-1, 7) == -1 && RingCivilCalendar.floorDivide(-7, 7) == -1)
        #expect(RingCivilCalendar.floorDivide(6, 7) == 0 && RingCivilCalendar.floorDivide(7, 7) == 1)
    }
}
