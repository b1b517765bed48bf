import Foundation
import RingJSONAPI
import RingTesting
import Testing

@Suite struct JSONAPITimeTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-18T11:10:00Z", 1_795_000_200),
            ("2026-11-18T12:10:00+01:00", 1_795_000_200),
            ("2026-11-18T05:40:00-05:30", 1_795_000_200), ("2026-11-18t11:10:00z", 1_795_000_200),
            ("2026-11-18 11:10:00Z", 1_795_000_200), ("2026-11-18T11:10:00.5Z", 1_795_000_200.5),
            ("2026-11-18T11:10:00.000000000Z", 1_795_000_200), ("2026-11-18T12:10:00.25+0100", 1_795_000_200.25),
            ("2000-02-29T00:00:00Z", 951_782_400), ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799), ("2016-12-31T23:59:60Z", 1_483_228_800),
        ] as [(String, Double)])
    func readsTimes(text: String, seconds: Double) throws {
        #expect(JSONAPITime.parse(text)?.timeIntervalSince1970 == seconds)
        #expect(try JSONAPIValue(parsing: "\"\(text)\"").date?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: 0...9) func readsEveryNumberOfFractionalDigits(count: Int) throws {
        let digits = "123456789".prefix(count)
        let date = try #require(JSONAPITime.parse("2026-11-18T11:10:00\(count > 0 ? "." : "")\(digits)Z"))
        let expected = 1_795_000_200 + (Double("0.\(digits)0") ?? 0)
        #expect(abs(date.timeIntervalSince1970 - expected) < 5e-7)
    }

    @Test(
        arguments: [
            "", "Z", "2026-11-18", "2026-11-18T11:10:00", "2026-11-18T11:10Z", "2026-13-18T11:10:00Z",
            "2026-00-18T11:10:00Z",
            "2026-02-29T11:10:00Z", "1900-02-29T00:00:00Z", "2026-11-31T11:10:00Z", "2026-11-00T11:10:00Z",
            "2026-11-18T24:00:00Z", "2026-11-18T11:60:00Z", "2026-11-18T11:10:61Z", "2026-11-18T11:10:00.Z",
            "2026-11-18T11:10:00.1234567891Z", "2026-11-18T11:10:00+24:00", "2026-11-18T11:10:00+01:60",
            "2026-11-18T11:10:00+1", "2026-11-18T11:10:00Zx", " 2026-11-18T11:10:00Z", "26-11-18T11:10:00Z",
            "+2026-11-18T11:10:00Z", "2026-11-18T11:10:00,5Z", "2026-1１-18T11:10:00Z", "1795000200",
        ])
    func refusesWhatIsNoTime(text: String) {
        #expect(JSONAPITime.parse(text) == nil)
    }

    @Test func writesWhatItReads() {
        #expect(JSONAPITime.format(Date(timeIntervalSince1970: 1_795_000_200)) == "2026-11-18T11:10:00Z")
        #expect(
            JSONAPITime.format(Date(timeIntervalSince1970: 1_795_000_200.5), fractionDigits: 3)
                == "2026-11-18T11:10:00.500Z")
        #expect(JSONAPITime.format(Date(timeIntervalSince1970: -0.25), fractionDigits: 2) == "1969-12-31T23:59:59.75Z")
        #expect(JSONAPITime.format(.distantFuture) == "4001-01-01T00:00:00Z")
        #expect(JSONAPITime.format(Date(timeIntervalSince1970: .infinity)) == "9999-12-31T23:59:59Z")
        #expect(JSONAPITime.format(Date(timeIntervalSince1970: -.infinity)) == "0000-01-01T00:00:00Z")
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let seconds = Double(Int64.random(in: -60_000_000_000...250_000_000_000, using: &generator))
            let date = Date(timeIntervalSince1970: seconds)
            #expect(JSONAPITime.parse(JSONAPITime.format(date)) == date)
        }
    }

    @Test func agreesWithFoundation() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let date = Date(
                timeIntervalSince1970: Double(Int64.random(in: -2_000_000_000...9_000_000_000, using: &generator)))
            #expect(JSONAPITime.format(date) == date.ISO8601Format())
        }
    }
}
