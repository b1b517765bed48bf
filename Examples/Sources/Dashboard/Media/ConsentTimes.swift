import Foundation
import RingPartner
import Synchronization

/// Since when this service may read the media of each device: Ring refuses a range that begins before the user's consent.
///
/// Kept in a file, because Ring tells these times once: when a device is shared, and when the link is completed.
final class ConsentTimes: Sendable {
    private let file: URL
    /// By account, and by device in it. The empty name stands for the account itself.
    private let times: Mutex<[String: [String: Date]]>

    /// Reads the file, where there is one.
    ///
    /// - Throws: When there is one that cannot be read.
    init(file: URL) throws {
        self.file = file
        let isThere = FileManager.default.fileExists(atPath: file.path)
        self.times = Mutex(
            isThere ? try JSONDecoder().decode([String: [String: Date]].self, from: Data(contentsOf: file)) : [:])
    }

    /// The time for a device, by what is known of it and of its account; `nil` when nothing is.
    func time(of account: RingAccountID, _ device: RingDeviceID?) -> Date? {
        self.times.withLock { times in
            // The devices may have been chosen before the link was completed, and only then the consent holds.
            [times[account.rawValue]?[device?.rawValue ?? ""], times[account.rawValue]?[""]].compactMap { $0 }.max()
        }
    }

    /// Keeps the time of a device, or of an account.
    ///
    /// - Throws: When it cannot be stored; nothing was changed then.
    func set(_ time: Date, of account: RingAccountID, _ device: RingDeviceID? = nil) throws {
        try self.change { $0[account.rawValue, default: [:]][device?.rawValue ?? ""] = time }
    }

    /// Forgets a device, or an account with its devices.
    ///
    /// - Throws: When that cannot be stored; nothing was changed then.
    func remove(_ account: RingAccountID, _ device: RingDeviceID? = nil) throws {
        try self.change { times in
            if let device { times[account.rawValue]?[device.rawValue] = nil } else { times[account.rawValue] = nil }
        }
    }

    private func change(_ body: (inout [String: [String: Date]]) -> Void) throws {
        try self.times.withLock { times in
            var changed = times
            body(&changed)
            guard changed != times else { return }
            try PrivateFile.write(JSONEncoder().encode(changed), to: self.file)
            times = changed
        }
    }
}
