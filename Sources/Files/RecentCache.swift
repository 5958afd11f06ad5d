/// A dictionary that forgets what was not asked for in a long time.
///
/// Two generations of half the limit each: what is found in the older one moves to the younger one, and
/// when that is full the older one is dropped. So it holds the most recent half of the limit at least.
struct RecentCache<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let generationLimit: Int

    /// Makes an empty one for so many entries; for none with less than 2.
    init(limit: Int) {
        generationLimit = max(0, limit) / 2
    }

    /// How many entries there are.
    var count: Int { young.count + old.count }

    /// The value, which is recent from now on.
    mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    /// Remembers a value.
    mutating func insert(_ value: Value, for key: Key) {
        guard generationLimit > 0 else { return }
        if young.count >= generationLimit, young[key] == nil {
            old = young
            young = [:]
        }
        old[key] = nil
        young[key] = value
    }
}

extension RecentCache: Sendable where Key: Sendable, Value: Sendable {}
