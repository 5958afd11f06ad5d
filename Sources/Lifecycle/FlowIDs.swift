/// The flows of one socket, in order; nearly always it is one, for which nothing is allocated.
struct FlowIDs {
    /// 0: there is none.
    private var first: UInt64 = 0
    private var others: [UInt64] = []

    /// Whether there are none.
    var isEmpty: Bool { first == 0 }

    /// They, in order.
    var all: [UInt64] { first == 0 ? [] : [first] + others }

    /// Adds one, which is never 0.
    mutating func append(_ id: UInt64) {
        if first == 0 { first = id } else { others.append(id) }
    }

    /// Removes one, if it is there.
    mutating func remove(_ id: UInt64) {
        guard first == id else { return others.removeAll { $0 == id } }
        first = others.isEmpty ? 0 : others.removeFirst()
    }
}
