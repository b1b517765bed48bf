import Foundation
import RingAccounts
import RingCore
import RingJSONAPI
import RingTesting
import Testing

@Suite struct RingAccountsClientTests {
    private func client(
        _ transport: StubTransport, observer: any RingObserver = RingSilentObserver()
    ) throws -> RingAccountsClient {
        RingAccountsClient(
            api: RingAPIClient(
                baseURL: try #require(URL(string: "https://api.amazonvision.com")), transport: transport,
                environment: RingEnvironment(clock: ManualClock(), observer: observer)))
    }

    @Test(
        arguments: [
            (
                """
                {"data":{"type":"users","id":"ava1.ring.account.TESTACCT0001","attributes":{"first_name":"Robin",
                "last_name":"Vale","email":"robin.vale@example.org","phone_number":"+12065550143","new":1}},
                "meta":{"time":"2026-11-18T11:06:30Z"}}
                """, "Robin", "+12065550143"
            ), (#"{"data":{"type":"users","id":"ava1.ring.account.TESTACCT0001"}}"#, nil, nil),
            (
                #"{"data":{"type":"users","id":"ava1.ring.account.TESTACCT0001","attributes":{"first_name":null}}}"#,
                nil,
                nil
            ),
        ] as [(String, String?, String?)])
    func readsTheUser(body: String, first: String?, phone: String?) async throws {
        let transport = StubTransport(.json(body))
        let user = try await self.client(transport).user()
        #expect(user.id == "ava1.ring.account.TESTACCT0001")
        #expect(user.firstName == first)
        #expect(user.phoneNumber == phone)
        #expect(transport.targets == ["/v1/users/me"])
        var dumped = "\(user)"
        dump(user, to: &dumped)
        #expect(!dumped.contains("Robin") && !dumped.contains("example.org"))
    }

    @Test(
        arguments: [
            "{}", #"{"data":null}"#, #"{"data":{"type":"users"}}"#, #"{"data":[]}"#, "<html>", "",
            #"{"errors":[{"title":"Forbidden"}]}"#, #"{"message":"no Route matched"}"#,
        ])
    func aUserWithoutAnIDIsNone(body: String) async throws {
        await #expect { try await self.client(StubTransport(.json(body))).user() } throws: {
            ($0 as? RingError)?.code == .malformedResponse
        }
    }

    @Test(
        arguments: [
            #"{"status":"awaiting"}"#,
            #"{"data":{"type":"app-integrations","id":"x","attributes":{"status":"awaiting"}}}"#,
            #"{"data":{"status":"awaiting"}}"#, "", "OK", "[]",
        ])
    func confirmsWithEitherShape(body: String) async throws {
        let transport = StubTransport(.json(body))
        let integration = try await self.client(transport).confirmLink(nonce: "n", accountIdentifier: "r***e")
        #expect(integration.status == .awaiting)
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(
            String(decoding: request.body.bytes ?? [], as: UTF8.self) == #"{"account_identifier":"r***e","nonce":"n"}"#)
        #expect(transport.targets == ["/v1/accounts/me/app-integrations"])
    }

    /// Nothing of Ring has said so: the page of a proxy, or errors under a status of success.
    @Test(arguments: [
        "<html><body>Sign in to the network</body></html>", " \n<!DOCTYPE html>", #"{"errors":[{"title":"x"}]}"#,
    ])
    func aPageConfirmsNothing(body: String) async throws {
        let client = try self.client(StubTransport(.json(body)))
        for call in [
            { try await client.confirmLink(nonce: "n") }, { try await client.updateLink(status: .completed) },
        ] as [@Sendable () async throws -> RingIntegration] {
            await #expect { try await call() } throws: { ($0 as? RingError)?.code == .malformedResponse }
        }
        await #expect { try await client.removeLink() } throws: { ($0 as? RingError)?.code == .malformedResponse }
    }

    @Test(arguments: ["", "{}", "[]", "OK", "<html>", #"{"data":{"attributes":{}}}"#, #"{"errors":[{"title":"x"}]}"#])
    func anIntegrationWithoutAStatusIsNone(body: String) async throws {
        await #expect { try await self.client(StubTransport(.json(body))).integration() } throws: {
            ($0 as? RingError)?.code == .malformedResponse
        }
    }

    @Test func updatesWhatIsGiven() async throws {
        let transport = StubTransport(
            .json(#"{"account_identifier":"r***e","status":"completed","updated_at":"2026-11-18T11:07:05Z"}"#))
        let client = try self.client(transport)
        let integration = try await client.updateLink(status: .completed)
        #expect(integration.accountIdentifier == "r***e")
        #expect(integration.updatedAt == Date(timeIntervalSince1970: 1_795_000_025))
        try await client.updateLink(status: nil, accountIdentifier: "x")
        #expect(
            transport.requests.map { String(decoding: $0.body.bytes ?? [], as: UTF8.self) } == [
                #"{"status":"completed"}"#, #"{"account_identifier":"x"}"#,
            ])
        await #expect { try await client.updateLink(status: nil) } throws: {
            ($0 as? RingError)?.code == .invalidArgument
        }
        #expect(transport.requests.count == 2)
    }

    @Test(arguments: [(200, true), (202, true), (204, true), (404, false), (410, false)])
    func anySuccessfulResponseRemoves(status: Int, wasThere: Bool) async throws {
        #expect(try await self.client(StubTransport(RingHTTPResponse(status: status))).removeLink() == wasThere)
    }

    /// Only Ring's own form says that there is no integration. What stands before it may know no such route.
    @Test(arguments: [404, 410, 405])
    func aProxysResponseIsNoMissingIntegration(status: Int) async throws {
        for (body, isRings) in [
            ("<html><h1>404 Not Found</h1></html>", false), (#"{"message":"no Route matched"}"#, false),
            ("Not Found", false), ("[]", false), (#"{"errors":[]}"#, false), (#"{"error":"not_found"}"#, false),
            (String(repeating: "x", count: 100_000), false), ("", true), (" \r\n", true),
            (#"{"errors":[{"status":"404","title":"Not Found"}]}"#, true),
            (#"{"errors":[{"code":"NOT_FOUND"}]}"#, true),
        ] {
            let client = try self.client(StubTransport(.json(body, status: status)))
            if status != 405 { try await self.check(isRings, status) { try await client.removeLink() ? true : nil } }
            if status != 410 { try await self.check(isRings, status) { try await client.integration() } }
        }
    }

    private func check<Value: Sendable>(
        _ isRings: Bool, _ status: Int, _ call: () async throws -> Value?
    ) async throws {
        guard !isRings else { return #expect(try await call() == nil) }
        let error = await #expect(throws: RingError.self) { try await call() }
        #expect(error?.code == .serverFailure && error?.status == status)
        #expect(error?.message.contains("proxy") == true)
    }

    /// Errors say which status the response had.
    @Test func malformedResponsesNameTheirStatus() async throws {
        let fields: RingHTTPFields = ["X-Request-Id": "r-1"]
        func client() throws -> RingAccountsClient {
            try self.client(StubTransport(.json(#"{"errors":[{"title":"x"}]}"#, status: 203, headerFields: fields)))
        }
        for call in [
            { _ = try await client().user() }, { _ = try await client().integration() },
            { _ = try await client().updateLink(status: .completed) },
            { for try await _ in try client().subscriptions() {} },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: RingError.self) { try await call() }
            #expect(error?.code == .malformedResponse)
            #expect(error?.status == 203 && error?.requestID == "r-1")
            #expect(error?.message.contains("status is 200") == false)
        }
    }

    @Test func aOneWayAppMayNotRemove() async throws {
        await #expect { try await self.client(StubTransport(RingHTTPResponse(status: 403))).removeLink() } throws: {
            ($0 as? RingError)?.code == .forbidden
        }
    }

    @Test(arguments: [404, 405])
    func aMissingEndpointIsNoFailure(status: Int) async throws {
        #expect(try await self.client(StubTransport(RingHTTPResponse(status: status))).integration() == nil)
    }

    @Test func readsTheIntegration() async throws {
        let transport = StubTransport(.json(#"{"data":{"attributes":{"status":"PAUSED","account_identifier":"q"}}}"#))
        let integration = try await self.client(transport).integration()
        #expect(integration?.status == RingIntegrationStatus(rawValue: "PAUSED"))
    }

    private static let pages = [
        """
        {"data":[
        {"type":"subscriptions","id":"sub-1","attributes":{"sub_type":"paid","status":"active","plan_id":"p",
        "expires_at":"2026-12-18T00:00:00Z","created_at":"2026-11-18T00:00:00Z"},
        "relationships":{"devices":{"data":[{"type":"devices","id":"d1"},{"type":"device","id":"d2"}]}}},
        {"type":"subscriptions"}],
        "links":{"next":"/v1/accounts/me/subscriptions?page%5Bcursor%5D=c2"}}
        """,
        """
        {"data":[{"type":"subscriptions","id":"sub-2","attributes":{"sub_type":"trial","status":"odd","plan_id":null},
        "relationships":{"devices":{"data":{"type":"devices","id":"d3"}}}}],"meta":{"time":"2026-11-18T11:31:00Z"}}
        """,
    ]

    @Test func readsSubscriptionsOverAllPages() async throws {
        let transport = StubTransport(.json(Self.pages[0]), .json(Self.pages[1]))
        let observer = RecordingObserver()
        let (list, end) = try await self.client(transport, observer: observer).subscriptions().collect()
        #expect(list.map(\.id.rawValue) == ["sub-1", "sub-2"])
        #expect(list.map(\.kind) == [.paid, .trial])
        #expect(list.map(\.status) == [.active, RingSubscription.Status(rawValue: "odd")])
        #expect(list.map(\.planID) == ["p", nil])
        #expect(list.map(\.deviceIDs) == [["d1", "d2"], ["d3"]])
        #expect(list.first?.expiresAt == Date(timeIntervalSince1970: 1_797_552_000))
        #expect(end == .lastPage)
        #expect(
            transport.targets == [
                "/v1/accounts/me/subscriptions", "/v1/accounts/me/subscriptions?page%5Bcursor%5D=c2",
            ])
        // The element without an id is left out and reported.
        #expect(observer.events(RingDocumentProblem.self).map(\.path) == ["/data/1"])
    }

    @Test func aPageOfWhichNothingCouldBeReadDoesNotEndTheList() async throws {
        let transport = StubTransport(
            .json(
                #"{"data":[{"type":"subscriptions"},{"type":"bundles","id":"b"}],"#
                    + #""links":{"next":"/v1/accounts/me/subscriptions?page%5Bcursor%5D=c2"}}"#), .json(Self.pages[1]))
        let observer = RecordingObserver()
        let (list, end) = try await self.client(transport, observer: observer).subscriptions().collect()
        #expect(list.map(\.id.rawValue) == ["sub-2"])
        #expect(end == .lastPage)
        #expect(observer.events(RingDocumentProblem.self).map(\.kind) == ["unreadable", "unknown_type"])
        #expect(observer.events(RingDocumentProblem.self).last?.sample == "bundles")
    }

    @Test func aLinkToAnotherHostIsNotFollowed() async throws {
        let transport = StubTransport(
            .json(
                #"{"data":[{"type":"subscriptions","id":"s"}],"links":{"next":"https://evil.example/v1?page=2"}}"#))
        await #expect { try await self.client(transport).subscriptions().collect() } throws: {
            ($0 as? RingError)?.code == .redirectRefused
        }
        #expect(transport.requests.count == 1)
    }

    @Test func aPageThatLinksToItselfEnds() async throws {
        let page = #"{"data":[{"type":"subscriptions","id":"s"}],"links":{"next":"/v1/accounts/me/subscriptions?p=1"}}"#
        let (list, end) = try await self.client(StubTransport(.json(page))).subscriptions().collect()
        // The second page is the first one again.
        #expect(list.map(\.id) == ["s"])
        #expect(end == .repeatedLink)
    }

    @Test func errorsBesideTheListAreReported() async throws {
        let observer = RecordingObserver()
        let page = #"{"data":[{"type":"subscriptions","id":"s"}],"errors":[{"title":"x"}]}"#
        let api = RingAPIClient(
            baseURL: try #require(URL(string: "https://api.example.test")), transport: StubTransport(.json(page)),
            environment: RingEnvironment(observer: observer))
        let (list, _) = try await RingAccountsClient(api: api).subscriptions().collect()
        #expect(list.map(\.id) == ["s"])
        let problems = observer.events(RingDocumentProblem.self)
        #expect(problems.map(\.kind) == ["errors_beside_data"] && problems.map(\.level) == [.warning])
    }

    @Test func aSubscriptionOnTwoPagesIsDeliveredOnce() async throws {
        func page(_ ids: [String], next: String?) -> RingHTTPResponse {
            let data = ids.map { #"{"type":"subscriptions","id":"\#($0)"}"# }.joined(separator: ",")
            return .json(#"{"data":[\#(data)],"links":{"next":\#(next.map { "\"\($0)\"" } ?? "null")}}"#)
        }
        let transport = StubTransport(page(["a", "b", "c"], next: "?p=2"), page(["c", "d"], next: ""))
        let client = try self.client(transport)
        #expect(try await client.subscriptions().collect().elements.map(\.id) == ["a", "b", "c", "d"])
        // The link begins where its page is.
        #expect(transport.targets.last == "/v1/accounts/me/subscriptions?p=2")
        // What is left out does not count.
        let again = StubTransport(page(["a", "b", "c"], next: "?p=2"), page(["c", "d"], next: ""))
        #expect(try await self.client(again).subscriptions(limit: 4).collect().elements.count == 4)
    }

    @Test(
        arguments: [
            "{}", #"{"data":"x"}"#, #"{"data":{}}"#, #"{"data":null}"#, #"{"errors":[{"title":"x"}]}"#, "[]", "",
            #"{"data":[{"type":"subscriptions","id":"t"}],"links":{"next":7}}"#,
        ])
    func aBrokenPageEndsTheListWithAnError(body: String) async throws {
        let first =
            #"{"data":[{"type":"subscriptions","id":"s"}],"links":{"next":"/v1/accounts/me/subscriptions?p=1"}}"#
        var delivered: [RingSubscriptionID] = []
        var error: RingError?
        do {
            for try await element in try self.client(StubTransport(.json(first), .json(body))).subscriptions() {
                delivered.append(element.id)
            }
        } catch let failure as RingError { error = failure }
        #expect(error?.code == .malformedResponse && error?.delivery == .responded)
        #expect(delivered == (body.contains("next") ? ["s", "t"] : ["s"]))
        await #expect { try await self.client(StubTransport(.json(body))).subscriptions().collect() } throws: {
            ($0 as? RingError)?.code == .malformedResponse
        }
    }

    @Test func thePlaygroundRespondsWith422() async throws {
        await #expect {
            try await self.client(StubTransport(RingHTTPResponse(status: 422))).subscriptions().collect()
        } throws: { ($0 as? RingError)?.code == .unprocessable }
    }
}
