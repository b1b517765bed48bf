import RingJSONAPI
import Testing

@Suite struct JSONAPIPagesTests {
    private static func pages(
        _ pages: [JSONAPIPage<Int>], limit: Int? = nil, onEnd: @escaping @Sendable (JSONAPIPagesEnd) -> Void = { _ in }
    ) -> JSONAPIPages<Int> {
        JSONAPIPages(limit: limit, onEnd: onEnd) { link in
            guard let link else { return pages[0] }
            return pages[Int(link) ?? 0]
        }
    }

    @Test func readsUntilTheLastPage() async throws {
        let list = Self.pages([
            .init(elements: [1, 2], next: "1"), .init(elements: [3], next: "2"), .init(elements: [4]),
        ])
        let (elements, end) = try await list.collect()
        #expect(elements == [1, 2, 3, 4] && end == .lastPage && !end.isEarly)
        var seen: [Int] = []
        for try await element in list { seen.append(element) }
        #expect(seen == elements)
        var iterator = list.pages.makeAsyncIterator()
        #expect(try await iterator.next()?.elements == [1, 2])
        #expect(iterator.end == nil)
    }

    @Test func endsAtAnEmptyPage() async throws {
        let (elements, end) = try await Self.pages([.init(elements: [1], next: "1"), .init(elements: [], next: "0")])
            .collect()
        #expect(elements == [1] && end == .emptyPage && end.isEarly)
    }

    @Test func aPageOfWhichNothingCouldBeReadIsNotEmpty() async throws {
        let list = Self.pages([
            .init(elements: [1], next: "1"), .init(elements: [], next: "2", isEmpty: false), .init(elements: [3]),
        ])
        let (elements, end) = try await list.collect()
        #expect(elements == [1, 3] && end == .lastPage)
        var seen: [Int] = []
        for try await element in list { seen.append(element) }
        #expect(seen == [1, 3])
    }

    @Test func endsAtARepeatedLink() async throws {
        let circle = Self.pages([
            .init(elements: [1], next: "1"), .init(elements: [2], next: "2"), .init(elements: [3], next: "1"),
        ])
        let (elements, end) = try await circle.collect()
        #expect(elements == [1, 2, 3] && end == .repeatedLink)
        let itself = JSONAPIPages(start: "here") { _ in JSONAPIPage(elements: [7], next: "here") }
        let (sevens, why) = try await itself.collect()
        #expect(sevens == [7] && why == .repeatedLink)
    }

    @Test func endsAtTheLimitWithoutAskingForMore() async throws {
        let pages = [JSONAPIPage(elements: [1, 2], next: "1"), JSONAPIPage(elements: [3, 4])]
        for (limit, expected, why) in [
            (0, [], .limit), (1, [1], .limit), (2, [1, 2], .limit), (3, [1, 2, 3], .limit),
            (4, [1, 2, 3, 4], .lastPage),
        ] as [(Int, [Int], JSONAPIPagesEnd)] {
            let (elements, end) = try await Self.pages(pages, limit: limit).collect()
            #expect(elements == expected && end == why)
        }
        let unfetched = JSONAPIPages<Int>(limit: 2) { link in
            #expect(link == nil)
            return JSONAPIPage(elements: [1, 2], next: "more")
        }
        #expect(try await unfetched.collect().end == .limit)
    }

    @Test func tellsWhyOnce() async throws {
        try await confirmation { (told) async throws in
            let list = Self.pages([.init(elements: [1])]) { end in
                #expect(end == .lastPage)
                told()
            }
            var iterator = list.makeAsyncIterator()
            #expect(try await iterator.next() == 1)
            #expect(try await iterator.next() == nil)
            #expect(try await iterator.next() == nil)
            #expect(iterator.end == .lastPage)
        }
    }

    @Test func aFailureEndsTheList() async throws {
        struct Broken: Error {}
        let list = JSONAPIPages<Int> { link in
            if link != nil { throw Broken() }
            return JSONAPIPage(elements: [1], next: "x")
        }
        var iterator = list.makeAsyncIterator()
        #expect(try await iterator.next() == 1)
        await #expect(throws: Broken.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(iterator.end == nil)
    }

    @Test func whatComesAfterThePageThatBreaksTheListIsTheError() async throws {
        struct Broken: Error {}
        let list = Self.pages([
            .init(elements: [1], next: "1"), .init(elements: [2], next: "2", failure: Broken()), .init(elements: [3]),
        ])
        var iterator = list.makeAsyncIterator()
        #expect(try await iterator.next() == 1)
        #expect(try await iterator.next() == 2)
        await #expect(throws: Broken.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(iterator.end == nil)
        await #expect(throws: Broken.self) { try await list.collect() }
    }

    @Test func anElementOnTwoPagesIsDeliveredOnce() async throws {
        func list(limit: Int?) -> JSONAPIPages<Int> {
            JSONAPIPages(limit: limit, name: { "\($0)" }) { link in
                switch link {
                case nil: JSONAPIPage(elements: [1, 2, 2], next: "a")
                case "a": JSONAPIPage(elements: [2, 3], next: "b")
                // Nothing new, and still not the end.
                case "b": JSONAPIPage(elements: [3, 1], next: "c", isEmpty: false)
                default: JSONAPIPage(elements: [3, 4])
                }
            }
        }
        // Within a page nothing is compared.
        #expect(try await list(limit: nil).collect().elements == [1, 2, 2, 3, 4])
        #expect(try await list(limit: 4).collect().elements == [1, 2, 2, 3])
    }

    @Test func theMemoryOfElementsIsBounded() {
        var overlap = JSONAPIPageOverlap<Int> { "\($0)" }
        #expect(overlap.newElements(of: Array(0..<10_000)).count == 10_000)
        // The last thousand at least are known, and never more than two thousand.
        #expect(overlap.newElements(of: Array(9_000..<10_001)) == [10_000])
        #expect(overlap.newElements(of: Array(0..<10_000)).count >= 8_000)
    }
}
