/// Bytes of whole lines, made once and filled again and again: what the writers append to.
///
/// It grows when it must and never shrinks, so that a pipeline which empties it after each
/// batch allocates nothing. This is the one file of the module with raw memory: every
/// primitive makes room before it writes, nothing outside hands in an offset.
@safe
public struct LineBuffer: ~Copyable {
    /// The memory.
    ///
    /// Invariant: `capacity` bytes, owned by this value alone, the first `count` initialized.
    private var base: UnsafeMutablePointer<UInt8>
    /// How many bytes fit before it grows.
    public private(set) var capacity: Int
    /// How many bytes it holds.
    public private(set) var count = 0
    /// The second of the last time that was written.
    private var second = SecondText()

    /// Makes an empty buffer.
    /// - Parameter capacity: bytes that fit without growing; at least 64.
    public init(capacity: Int = 256 << 10) {
        self.capacity = max(capacity, 64)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit {
        // Sole owner, and bytes need no deinitialization.
        unsafe base.deallocate()
    }

    /// Whether it holds nothing.
    public var isEmpty: Bool { count == 0 }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() { count = 0 }

    /// Drops everything after the first `length` bytes.
    mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        count = length
    }

    /// Calls `body` with the bytes; they are not valid after it returned.
    public borrowing func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The first `count` bytes are initialized, and self is borrowed while `body` runs.
        try body(unsafe UnsafeBufferPointer(start: base, count: count).span)
    }

    /// Whether the last byte is `value`.
    borrowing func endsWith(_ value: UInt8) -> Bool {
        // Index count − 1 is initialized when count > 0.
        unsafe count > 0 && base[count - 1] == value
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
        unsafe array.append(contentsOf: UnsafeBufferPointer(start: base + start, count: count - start))
    }

    /// How a time in this second begins.
    @inline(__always)
    mutating func secondText(_ seconds: UInt64) -> SecondText {
        if second.seconds != seconds { second = SecondText(seconds) }
        return second
    }

    /// Makes room for `needed` more bytes.
    @inline(__always)
    private mutating func reserve(_ needed: Int) {
        if capacity &- count < needed { grow(needed) }
    }

    @inline(never)
    private mutating func grow(_ needed: Int) {
        let larger = max(capacity * 2, count + needed)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        // Both hold at least `count` bytes, and new memory overlaps nothing.
        unsafe memory.initialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = memory
        capacity = larger
    }
}

extension LineBuffer {
    /// Appends one byte.
    @inline(__always)
    mutating func byte(_ value: UInt8) {
        reserve(1)
        unsafe base[count] = value
        count &+= 1
    }

    /// Appends the UTF-8 of a literal.
    @inline(__always)
    mutating func literal(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        // A string literal has a pointer to `utf8CodeUnitCount` bytes; room was made for them.
        unsafe (base + count).initialize(from: text.utf8Start, count: length)
        count &+= length
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
        reserve(range.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            // The range is within the array, and room was made; an empty one may have no address.
            guard let start = source.baseAddress else { return }
            unsafe (base + count).initialize(from: start + range.lowerBound, count: range.count)
        }
        count &+= range.count
    }

    /// Appends `length` of eight bytes, the first in the lowest bits of `word`; 0 to 8.
    @inline(__always)
    mutating func word(_ word: UInt64, length: Int) {
        precondition(length >= 0 && length <= 8)
        reserve(8)
        // Room was made for all eight; those past `length` are overwritten by what comes next.
        unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        count &+= length
    }

    /// Appends again what stands at `range`.
    mutating func again(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        reserve(range.count)
        // The range is initialized, and what follows `count` does not overlap it.
        unsafe (base + count).initialize(from: base + range.lowerBound, count: range.count)
        count &+= range.count
    }

    /// Appends the bytes of `bytes` from `start` on, up to the first one that JSON wants escaped.
    /// - Returns: its index, or the end.
    @inline(__always)
    mutating func plain(_ bytes: [UInt8], from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        reserve(bytes.count &- start)
        let index = unsafe bytes.withUnsafeBytes { source in
            // Both run over the bytes from `start` to the end, and room was made for as many.
            let target = unsafe UnsafeMutableRawPointer(base + count)
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
        count &+= index &- start
        return index
    }
}

extension LineBuffer: @unchecked Sendable {}
