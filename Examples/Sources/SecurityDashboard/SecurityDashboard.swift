import Foundation
import RingPartner
import RingSQLite
import Support

/// All devices in the terminal, with their state and what happened last; drawn again after every event and every minute.
@main
struct SecurityDashboard: Program {
    static func run() async throws {
        let ring = try await RingPartnerClient(.fromEnvironment(storage: Settings().storage()))
        let board = Board(ring)
        var router = RingWebhookRouter()
        router.onEvery { delivery in
            // The directory follows webhooks by itself; the board only keeps what happened last.
            await board.note(delivery.event)
            await board.draw()
        }
        try await Service.run(ring, router: router) {
            while !Task.isCancelled {
                await board.draw()
                try? await Task.sleep(for: .seconds(60))
            }
        }
    }
}

/// What is shown.
actor Board {
    private let ring: RingPartnerClient
    private var last: [RingDeviceID: (what: String, when: Date)] = [:]
    private let isTerminal = isatty(1) == 1

    init(_ ring: RingPartnerClient) { self.ring = ring }

    func note(_ event: RingWebhookEvent) {
        guard let device = event.deviceID else { return }
        let what = event.kind.rawValue + (event.subType.map { " (\($0))" } ?? "")
        self.last[device] = (what, event.occurredAt ?? Date())
    }

    func draw() async {
        var rows: [[String]] = []
        do {
            for status in try await self.ring.tokens.statuses() where status.state == .linked {
                let snapshot = try await self.ring.directory.devices(of: status.accountID)
                for device in snapshot.devices { rows.append(await self.row(device, of: status.accountID)) }
            }
        } catch let error as RingError {
            // Drawn again after the next event or minute.
            print("cannot be shown: \(error.message)")
        } catch {
            return
        }
        // The cursor to the upper left, and what is below it away.
        if self.isTerminal { print("\u{1B}[H\u{1B}[J", terminator: "") }
        print("\(rows.count) devices, \(Date().formatted(.iso8601))")
        for row in rows {
            let cells = zip(row, [22, 18, 10, 8, 0]).map {
                $0.padding(toLength: max($0.count, $1), withPad: " ", startingAt: 0)
            }
            print(cells.joined(separator: " "))
        }
    }

    private func row(_ device: RingDevice, of account: RingAccountID) async -> [String] {
        let battery = device.status?.battery
        var event = self.last[device.id].map { "\($0.what) at \($0.when.formatted(.iso8601))" }
        if event == nil, device.capabilities?.hasCamera == true {
            event = await self.history(of: device.id, of: account)
        }
        return [
            device.name ?? "unnamed", "\(device.likelyKind)", "\(device.reachability.state)",
            battery?.isOnMains == true ? "mains" : battery?.percentage.map { "\($0) %" } ?? "", event ?? "",
        ]
    }

    /// What happened last before this program started.
    private func history(of device: RingDeviceID, of account: RingAccountID) async -> String? {
        let events = self.ring.account(account).devices.history(of: device, RingHistoryQuery(limit: 1))
        do {
            for try await event in events {
                self.last[device] = (event.kind.rawValue, event.start)
                return "\(event.kind) at \(event.start.formatted(.iso8601))"
            }
        } catch {
            // A device that has just been removed, for example: the row shows no event.
        }
        return nil
    }
}
