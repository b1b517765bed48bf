import Foundation
import RingCore
import RingDevices
import RingTesting
import Synchronization
import Testing

/// A simulated week of a service with 10,000 accounts.
@Suite struct DirectoryWeekTests {
    private struct Asked {
        var total = 0
        var inThisMinute = 0
        var worstMinute = 0
    }

    /// A number generator that gives the same numbers in every run.
    private struct Numbers {
        var state: UInt64 = 11
        mutating func next(below bound: Int) -> Int {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(self.state >> 33) % bound
        }
    }

    @Test func tenThousandAccountsAskRingFarLessThanAHundredTimesASecond() async throws {
        let (accounts, activeAccounts, rounds) = (10_000, 250, 4)
        let clock = ManualClock()
        let asked = Mutex(Asked())
        let ages = Mutex(Numbers())
        @Sendable func count() {
            asked.withLock {
                $0.total += 1
                $0.inThisMinute += 1
            }
        }
        var environment = RingEnvironment(clock: clock)
        environment.random = { ages.withLock { UInt64($0.next(below: 1000)) * (UInt64.max / 1000) } }
        let directory = RingDeviceDirectory(
            options: RingDirectoryOptions(), environment: environment,
            loadList: { account in
                count()
                let ids = (0..<4).map { RingDeviceID(rawValue: "\(account)-\($0)") }
                return RingDeviceList(ids.map { DirectoryStage.device($0) })
            },
            loadDevice: { _, id in
                count()
                return DirectoryStage.device(id)
            })
        let kinds: [RingEventKind] = [
            .motionDetected, .deviceOffline, .deviceOnline, .buttonPress, .deviceAdded, .contactSensorFaulted,
        ]
        var numbers = Numbers()
        var incomplete = 0
        var added = 0
        // Every hour another 250 accounts are in use: looked at every quarter of an hour, all in one moment, and each
        // look comes with a webhook.
        for _ in 0..<7 * 24 {
            let active = (0..<activeAccounts).map { _ in numbers.next(below: accounts) }
            for _ in 0..<rounds {
                for index in active {
                    let account = RingAccountID(rawValue: "a\(index)")
                    let device = RingDeviceID(rawValue: "a\(index)-\(numbers.next(below: 4))")
                    let kind = kinds[numbers.next(below: kinds.count)]
                    if kind == .deviceAdded { added += 1 }
                    await directory.observe(RingEventKey(device: device, kind: kind, start: clock.now()), of: account)
                    if try await directory.devices(of: account).entries.count < 4 { incomplete += 1 }
                }
                // What is loaded behind callers' backs belongs to this moment.
                while await directory.statistics.requests > asked.withLock({ $0.total }) { await Task.yield() }
                asked.withLock {
                    $0.worstMinute = max($0.worstMinute, $0.inThisMinute)
                    $0.inThisMinute = 0
                }
                clock.advance(by: .seconds(3600 / rounds))
            }
        }
        let total = asked.withLock { $0.total }
        let statistics = await directory.statistics
        // At most one list for each account in each of its hours, one device for each that was added, and nothing else.
        #expect(incomplete == 0)
        #expect(statistics.requests == total)
        #expect(total <= 7 * 24 * activeAccounts + added, "\(total) requests in a week")
        #expect(Double(total) / 604_800 < 0.15)
        #expect(asked.withLock { $0.worstMinute } <= activeAccounts + activeAccounts / 4)
        #expect(statistics.devices <= 50_000)
        #expect(statistics.hits + statistics.staleHits + statistics.waits >= 168_000)
    }
}
