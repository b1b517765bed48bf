/// In whose name sessions are noted, so that a process closes what its predecessor left and nothing else.
///
/// Records of the same ``name`` and another ``incarnation`` belong to a process that is gone. Processes that share a
/// ledger and run at the same time need different names: `worker-1`, `worker-2`.
public struct WHEPSessionOwner: Hashable, Sendable {
    /// The same after a restart, different between processes that run at the same time.
    public var name: String
    /// Different after each restart.
    public var incarnation: String

    private static let process = Self.random()

    /// Creates an owner.
    ///
    /// - Parameters:
    ///   - name: The name of this process among those that share the ledger.
    ///   - incarnation: `nil` takes a random one, the same for the whole process.
    public init(name: String = "default", incarnation: String? = nil) {
        self.name = name
        self.incarnation = incarnation ?? Self.process
    }

    /// 128 random bits in hex.
    static func random() -> String {
        let words = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        return words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
