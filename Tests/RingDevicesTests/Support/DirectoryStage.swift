import Foundation
import RingCore
import RingDevices
import RingTesting
import Synchronization

/// A Ring for directory tests: accounts whose devices can change, responses that can be held back or fail, and a count of what
/// was asked.
final class DirectoryStage: Sendable {
    struct State {
        var devices: [RingAccountID: [RingDevice]] = [:]
        var failure: (any Error)?
        var asked: [String] = []
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let clock = ManualClock()
    private let state = Mutex(State())

    func set(_ devices: [RingDevice], of account: RingAccountID = "a") {
        self.state.withLock { $0.devices[account] = devices }
    }

    func fail(_ error: (any Error)?) { self.state.withLock { $0.failure = error } }

    var asked: [String] { self.state.withLock { $0.asked } }

    /// Holds responses back until ``release()``.
    func hold() { self.state.withLock { $0.isHeld = true } }

    func release() {
        let held = self.state.withLock { state in
            defer { state.held = [] }
            state.isHeld = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Lets tasks run until a number of responses is held back.
    func heldBack(atLeast count: Int) async {
        while self.state.withLock({ $0.held.count }) < count { await Task.yield() }
    }

    func directory(_ options: RingDirectoryOptions = RingDirectoryOptions()) -> RingDeviceDirectory {
        var environment = RingEnvironment(clock: self.clock)
        environment.random = { .max }
        return RingDeviceDirectory(
            options: options, environment: environment,
            loadList: { account in
                // What Ring knew when it was asked, not when the response arrives.
                let devices = try self.ask("list \(account)") { $0.devices[account] ?? [] }
                await self.wait()
                return RingDeviceList(devices)
            },
            loadDevice: { account, id in
                let device = try self.ask("get \(id)") { $0.devices[account]?.first { $0.id == id } }
                await self.wait()
                guard let device else { throw RingError(code: .deviceNotFound, message: "no such device") }
                return device
            })
    }

    private func ask<Value>(_ what: String, _ read: (State) -> Value) throws -> Value {
        try self.state.withLock { state in
            state.asked.append(what)
            if let failure = state.failure { throw failure }
            return read(state)
        }
    }

    private func wait() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isHeld = self.state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
    }

    static func device(_ id: RingDeviceID, online: Bool = true) -> RingDevice {
        RingDevice(id: id, name: "Device \(id)", status: RingDeviceStatus(isOnline: online))
    }
}
