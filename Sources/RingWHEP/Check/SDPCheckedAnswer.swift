/// An SDP answer that engines accept, and how it was repaired.
public struct SDPCheckedAnswer: Hashable, Sendable {
    /// The answer after the repairs. Pass its ``SDP/text`` to the engine.
    public let sdp: SDP
    /// The changes that were made.
    public let repairs: [SDPRepair]
    /// The remaining findings: warnings and notes, no errors.
    public let findings: [SDPFinding]

    init(_ sdp: SDP, repairs: [SDPRepair] = [], findings: [SDPFinding] = []) {
        self.sdp = sdp
        self.repairs = repairs
        self.findings = findings
    }
}

/// A change to an answer that strict engines need.
///
/// Holds no value from the description, so it can be logged.
public struct SDPRepair: Hashable, Sendable, CustomStringConvertible {
    /// The kind of repair.
    package let kind: Kind
    /// The number of the line in the received answer, counted from 1; `nil` when the whole text is meant.
    public let line: Int?
    /// What was changed.
    public let message: String

    init(kind: Kind, line: Int? = nil, message: String) {
        self.kind = kind
        self.line = line
        self.message = message
    }

    /// The place and the change.
    public var description: String { self.line.map { "line \($0): \(self.message)" } ?? self.message }

    /// A kind of repair. The raw value is reported in the observation `live.opened`.
    package enum Kind: String, Hashable, Sendable {
        /// LF became CR LF.
        case lineEnds
        /// A byte order mark was removed.
        case byteOrderMark
        /// The missing end of the last line was added.
        case finalLineEnd
        /// Empty lines, or lines that browsers cannot read, were removed.
        case emptyLines
        /// Blanks after values or between words were removed, or a rejected section got a format.
        case blanks
        /// Lines of the session were added, or put into their order.
        case sessionLines
        /// A section that was not offered was removed.
        case surplusSection
        /// A rejected section was added, or the sections were put into the order of the offer.
        case missingSection
        /// A direction became `sendonly`.
        case direction
        /// The section got the name that it has in the offer.
        case mid
        /// The missing `c=` line was added.
        case connection
        /// Formats that are no payload types, or repeat none, were removed from the `m=` line.
        case formats
        /// A candidate that cannot be parsed was removed.
        case candidate
        /// The direction suffix of a header extension was removed, or one whose number is another's in the offer.
        case extensionMapping
        /// `a=setup:actpass` became `passive`, on request only.
        case setup
        /// Names that may not be in a group were removed from it, or the names were put into the order of the offer; the only
        /// section got its bundle, or a further one `a=rtcp-mux`.
        case bundle
    }
}
