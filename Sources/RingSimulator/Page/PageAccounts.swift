internal import RingCore

/// The accounts that one page shows, where there may be many.
struct PageAccounts: Sendable {
    static let rows = 50
    /// Up to so many devices or accounts are offered in a list; where there are more, their id is typed.
    static let maximumOptionsCount = 100

    var shown: ArraySlice<RingSimulatorAccount>
    var matchingCount: Int
    var totalCount: Int
    var isAnyLinked: Bool
}

extension Page {
    /// The part of the accounts that the address asks for: `find` is in the id, name or e-mail address, `from` counts from 0.
    func shownAccounts(in state: ServiceState) -> PageAccounts {
        let text = self.query["find"] ?? ""
        let matching =
            text.isEmpty
            ? state.accounts
            : state.accounts.filter { account in
                [account.id.rawValue, "\(account.firstName) \(account.lastName)", account.email]
                    .contains { $0.contains(text) }
            }
        let first = min(max(Int(self.query["from"] ?? "") ?? 0, 0), max(matching.count - 1, 0))
        return PageAccounts(
            shown: matching[first..<min(first + PageAccounts.rows, matching.count)], matchingCount: matching.count,
            totalCount: state.accounts.count, isAnyLinked: state.accounts.contains { $0.state == .completed })
    }

    /// A field to find accounts; nothing where all of them are on the page.
    func accountSearch(_ accounts: PageAccounts, _ path: HTML) -> HTML {
        guard accounts.totalCount > PageAccounts.rows else { return "" }
        return """
            <form method="get" action="\(path)" class="fields" role="search" aria-label="Find accounts">\
            \(PagePart.field(
                "Account", name: "find", value: self.query["find"] ?? "", hint: "a part of the name, e-mail or id",
                more: " type=\"search\""))\
            <div class="row"><button>Find</button></div></form>
            """
    }

    /// Which accounts are shown, and links to the others.
    func accountLinks(_ accounts: PageAccounts, _ path: HTML) -> HTML {
        guard accounts.totalCount > PageAccounts.rows else { return "" }
        guard let first = accounts.shown.indices.first else {
            return PagePart.empty("No account matches", "<a href=\"\(path)\">Show all accounts</a>")
        }
        let search: HTML = self.query["find"].map { "&amp;find=\(query: $0)" } ?? ""
        let earlier: HTML =
            first == 0
            ? "" : "<a class=\"button\" href=\"\(path)?from=\(max(first - PageAccounts.rows, 0))\(search)\">Earlier</a>"
        let end = accounts.shown.endIndex
        let later: HTML =
            end == accounts.matchingCount
            ? "" : "<a class=\"button\" href=\"\(path)?from=\(end)\(search)\">Later</a>"
        return """
            <p class="row"><span>Accounts \(first + 1) to \(end) of \(accounts.matchingCount)</span>\(earlier)\(later)</p>
            """
    }
}
