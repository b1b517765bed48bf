import Foundation
import RingPartner

/// The linked accounts, and the end of a link.
extension Service {
    func accountsPage(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let accounts: [RingTokenStatus]
        do { accounts = try await self.accounts(of: user.principal) } catch {
            return self.page("Accounts", request, status: 503, "<p class=\"notice bad\">\(error.forPeople)</p>")
        }
        let list = accounts.html { account in
            let days = account.daysLeft(at: Date()).map { "\($0) days until its tokens end without a refresh" } ?? ""
            return """
                <article class="panel stack"><div class="row"><h2><code>\(account.accountID.rawValue)</code></h2>\
                <span class="end">\(Self.badge(account.state))</span></div><p class="soft">\(days)</p>\
                <details><summary>Unlink</summary><form class="stack" method="post" action="/accounts/unlink">\(user.tokenField)\
                <input type="hidden" name="account" value="\(account.accountID.rawValue)">\
                <p>Ends the link, and deletes tokens, events and clips of this account here.</p>\
                <div><button class="danger">Unlink this account</button></div></form></details></article>
                """
        }
        let more: HTML =
            self.simulatedRing.map { address in
                """
                <a class="button" href="\(address)">Link with the simulated Ring</a> \
                <a class="button" href="\(self.simulatorPage ?? "")">Page of the simulator</a>
                """
            } ?? "Accounts are linked from the Ring app."
        return self.page(
            "Accounts", request,
            """
            <div class="title"><h1>Accounts</h1></div>
            <div class="stack" id="accounts">\(accounts.isEmpty
                ? Part.empty("No Ring account is linked", "It begins in the Ring app.") : list)</div>
            <p class="row">\(more)</p>
            """)
    }

    private static func badge(_ state: RingAccountState) -> HTML {
        switch state {
        case .linked: Part.badge("linked", "good")
        case .relinkRequired: Part.badge("link again", "bad")
        case .uncertain: Part.badge("uncertain", "wait")
        default: Part.badge(state.rawValue, "wait")
        }
    }

    func unlink(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let account = RingAccountID(rawValue: request.form["account"] ?? "")
        do {
            guard try await self.accounts(of: user.principal).contains(where: { $0.accountID == account }) else {
                return self.notFound(request, "This account is not linked.")
            }
            try await self.ring.linker.unlink(account)
        } catch let error as RingError where error.code == .forbidden {
            return .seeOther("/accounts?done=only-ring")
        } catch {
            self.report(error, "unlink")
            return .seeOther("/accounts?done=not-unlinked")
        }
        do { try await self.forget(account) } catch {
            self.report(error, "unlink")
            return .seeOther("/accounts?done=not-deleted")
        }
        return .seeOther("/accounts?done=unlinked")
    }

    /// Deletes what this service has kept about an account. What cannot be deleted does not keep the rest.
    ///
    /// - Throws: The first reason why something is still there.
    func forget(_ account: RingAccountID) async throws {
        defer { self.feed.tell(.linked(account)) }
        await self.stills.removeAll()
        var failures: [any Error] = []
        do { try await self.clips.remove(account) } catch { failures.append(error) }
        do { try self.consents.remove(account) } catch { failures.append(error) }
        do { try self.feed.remove(account) } catch { failures.append(error) }
        if let first = failures.first { throw first }
    }
}
