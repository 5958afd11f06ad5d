/// Values by small numbers, for as long as something refers to them.
struct InternTable<Value: Hashable & Sendable>: Sendable {
    private var numbers: [Value: UInt32] = [:]
    private var values: [Value?] = []
    private var references: [UInt32] = []
    private var free: [UInt32] = []

    /// The number of a value, which may be new and then has no reference yet.
    mutating func number(of value: Value) -> UInt32 {
        if let number = numbers[value] { return number }
        let number: UInt32
        if let old = free.popLast() {
            number = old
            values[Int(number)] = value
            references[Int(number)] = 0
        } else {
            number = UInt32(values.count)
            values.append(value)
            references.append(0)
        }
        numbers[value] = number
        return number
    }

    /// The number of a value that is known; nil: it is not.
    func existingNumber(of value: Value) -> UInt32? { numbers[value] }

    /// One more refers to it; how many do now.
    @discardableResult
    mutating func retain(_ number: UInt32) -> UInt32 {
        references[Int(number)] += 1
        return references[Int(number)]
    }

    /// One fewer refers to it; true: it was the last, and the number is free.
    mutating func release(_ number: UInt32) -> Bool {
        references[Int(number)] -= 1
        guard references[Int(number)] == 0, let value = values[Int(number)] else { return false }
        numbers[value] = nil
        values[Int(number)] = nil
        free.append(number)
        return true
    }

    /// The value of a number that is in use.
    subscript(number: UInt32) -> Value? { values[Int(number)] }

    /// How many refer to it.
    func referenceCount(_ number: UInt32) -> UInt32 { references[Int(number)] }
}
