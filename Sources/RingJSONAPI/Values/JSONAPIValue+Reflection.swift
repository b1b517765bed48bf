extension JSONAPIValue: CustomReflectable {
    /// A mirror without children: `dump` shows the description, not the reader's tables.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
