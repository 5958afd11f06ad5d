/// Values that were seen a moment ago: the same one again is the same object.
///
/// A thousand workers with the same arguments cost the text of one.
struct RecentValues<Value: Hashable> {
    private var entries: [Value?]

    /// Makes room for so many.
    init(capacity: Int) { entries = [Value?](repeating: nil, count: capacity) }

    /// The value that is known already, or this one from now on.
    mutating func shared(_ value: Value) -> Value {
        let index = Int(UInt(bitPattern: value.hashValue) % UInt(entries.count))
        if let known = entries[index], known == value { return known }
        entries[index] = value
        return value
    }
}
