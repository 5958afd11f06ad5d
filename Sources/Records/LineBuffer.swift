public import Bytes
internal import Model

/// Bytes of whole lines, made once and filled again and again: what the writers append to.
///
/// It grows when it must and never shrinks, so that a pipeline which empties it after each
/// batch allocates nothing. This is the one file of the module with raw memory: every
/// primitive makes room before it writes, nothing outside hands in an offset.
public struct LineBuffer: ~Copyable {
    /// The bytes; whoever wants to keep them puts other memory in their place.
    public var memory: ByteMemory
    /// The second of the last time that was written.
    private var second = SecondText()
    /// The last addresses that were written.
    private var addresses = RecentAddresses()

    /// Makes an empty buffer.
    /// - Parameter capacity: bytes that fit without growing; at least 64.
    public init(capacity: Int = 256 << 10) {
        memory = ByteMemory(capacity: capacity)
    }

    /// How many bytes it holds.
    @inline(__always)
    public var count: Int { memory.count }

    /// How many bytes fit before it grows.
    public var capacity: Int { memory.capacity }

    /// Whether it holds nothing.
    public var isEmpty: Bool { memory.isEmpty }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() { memory.removeAll() }

    /// Drops everything after the first `length` bytes.
    mutating func truncate(to length: Int) { memory.truncate(to: length) }

    /// Calls `body` with the bytes; they are not valid after it returned.
    public borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withBytes(body)
    }

    /// Whether the last byte is `value`.
    borrowing func endsWith(_ value: UInt8) -> Bool {
        // Index count − 1 is initialized when count > 0.
        unsafe count > 0 && memory.start[count - 1] == value
    }

    /// A copy of the bytes.
    public borrowing func copy() -> [UInt8] {
        var result: [UInt8] = []
        copy(from: 0, to: &result)
        return result
    }

    /// Puts the bytes from `start` on in the place of what `array` holds, in its memory if they fit.
    borrowing func copy(from start: Int, to array: inout [UInt8]) {
        precondition(start >= 0 && start <= count)
        array.removeAll(keepingCapacity: true)
        // The bytes from `start` to `count` are initialized.
        unsafe array.append(contentsOf: UnsafeBufferPointer(start: memory.start + start, count: count - start))
    }

    /// How a time in this second begins.
    @inline(__always)
    mutating func secondText(_ seconds: UInt64) -> SecondText {
        if second.seconds != seconds { second = SecondText(seconds) }
        return second
    }

    /// Appends an address as text, without quotes.
    @inline(__always)
    mutating func address(_ address: IPAddress) {
        guard case .v4(let bits) = address else { return groups(address) }
        let text = addresses.text(of: bits)
        words(text.first, text.second, length: text.count)
    }

    @inline(never)
    private mutating func groups(_ address: IPAddress) {
        address.withASCII { byte($0) }
    }
}

extension LineBuffer {
    /// Appends one byte.
    @inline(__always)
    mutating func byte(_ value: UInt8) {
        unsafe memory.place(for: 1).initialize(to: value)
        unsafe memory.advance(by: 1)
    }

    /// Appends the UTF-8 of a literal.
    @inline(__always)
    mutating func literal(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        // A string literal has a pointer to `utf8CodeUnitCount` bytes; room is made for them.
        unsafe memory.place(for: length).initialize(from: text.utf8Start, count: length)
        unsafe memory.advance(by: length)
    }

    /// Appends bytes as they are.
    @inline(__always)
    mutating func raw(_ bytes: [UInt8]) {
        raw(bytes, 0..<bytes.count)
    }

    /// Appends some of `bytes` as they are.
    @inline(__always)
    mutating func raw(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        let target = unsafe memory.place(for: range.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            // The range is within the array, and room was made; an empty one may have no address.
            guard let start = source.baseAddress else { return }
            unsafe target.initialize(from: start + range.lowerBound, count: range.count)
        }
        unsafe memory.advance(by: range.count)
    }

    /// Appends `length` of eight bytes, the first in the lowest bits of `word`; 0 to 8.
    @inline(__always)
    mutating func word(_ word: UInt64, length: Int) {
        precondition(length >= 0 && length <= 8)
        // Room is made for all eight; those past `length` are overwritten by what comes next.
        unsafe UnsafeMutableRawPointer(memory.place(for: 8)).storeBytes(of: word.littleEndian, as: UInt64.self)
        unsafe memory.advance(by: length)
    }

    /// Appends `length` of sixteen bytes, the first in the lowest bits of `first`; 0 to 16.
    @inline(__always)
    mutating func words(_ first: UInt64, _ second: UInt64, length: Int) {
        precondition(length >= 0 && length <= 16)
        let target = unsafe UnsafeMutableRawPointer(memory.place(for: 16))
        // Room was made for all sixteen; those past `length` are overwritten by what comes next.
        unsafe target.storeBytes(of: first.littleEndian, as: UInt64.self)
        unsafe target.storeBytes(of: second.littleEndian, toByteOffset: 8, as: UInt64.self)
        unsafe memory.advance(by: length)
    }

    /// Appends again what stands at `range`.
    mutating func again(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let target = unsafe memory.place(for: range.count)
        // The range is initialized, and what follows `count` does not overlap it.
        unsafe target.initialize(from: memory.start + range.lowerBound, count: range.count)
        unsafe memory.advance(by: range.count)
    }

    /// Appends the bytes of `bytes` from `start` on, up to the first one that JSON wants escaped.
    /// - Returns: its index, or the end.
    @inline(__always)
    mutating func plain(_ bytes: [UInt8], from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let target = unsafe UnsafeMutableRawPointer(memory.place(for: bytes.count &- start))
        let index = unsafe bytes.withUnsafeBytes { source in
            // Both run over the bytes from `start` to the end, and room was made for as many.
            var index = start
            while index &+ 8 <= source.count {
                let word = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if needsEscape(word) { break }
                unsafe target.storeBytes(of: word, toByteOffset: index &- start, as: UInt64.self)
                index &+= 8
            }
            while index < source.count {
                let value = unsafe source[index]
                if !isPlainJSON(value) { break }
                unsafe target.storeBytes(of: value, toByteOffset: index &- start, as: UInt8.self)
                index &+= 1
            }
            return index
        }
        unsafe memory.advance(by: index &- start)
        return index
    }
}
