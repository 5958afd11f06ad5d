/// Memory for bytes, of one owner at a time: filled by one, handed on as it is, written by another.
///
/// It grows when it must and never shrinks, so that whoever fills it again and again allocates nothing. Memory that is
/// handed on is exchanged for other memory, with `swap`: nothing is copied.
@safe
public struct ByteMemory: ~Copyable {
    /// Where the bytes are.
    ///
    /// Invariant: `capacity` bytes, owned by this value alone, the first `count` initialized.
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    /// How many bytes fit before it grows.
    @usableFromInline var room: Int
    /// How many bytes it holds.
    @usableFromInline var used = 0

    /// What is exchanged has room for so much, so that what comes back for it is as large: more than is handed on at once.
    ///
    /// Only what was ever used of it is resident, and a block of this size is the system's again when it is freed
    /// (`tattle_bound_free_memory()`).
    public static let exchangedCapacity = 1 << 20

    /// Makes memory that holds nothing.
    /// - Parameter capacity: bytes that fit without growing; at least 64.
    public init(capacity: Int = exchangedCapacity) {
        room = max(capacity, 64)
        unsafe base = .allocate(capacity: room)
    }

    /// Makes memory that holds a copy of `bytes`.
    public init(copying bytes: Span<UInt8>) {
        self.init(capacity: bytes.count)
        append(bytes)
    }

    deinit {
        // Sole owner, and bytes need no deinitialization.
        unsafe base.deallocate()
    }

    /// How many bytes it holds.
    @inlinable public var count: Int { used }

    /// How many bytes fit before it grows.
    @inlinable public var capacity: Int { room }

    /// Whether it holds nothing.
    @inlinable public var isEmpty: Bool { used == 0 }

    /// Calls `body` with the bytes; they are not valid after it returned.
    @inlinable
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // The first `used` bytes are initialized, and self is borrowed while `body` runs.
        try body(unsafe UnsafeBufferPointer(start: base, count: used).span)
    }

    /// Forgets the bytes and keeps the memory.
    public mutating func removeAll() { used = 0 }

    /// Drops everything after the first `length` bytes.
    @inlinable
    public mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= used)
        used = length
    }

    /// Appends bytes.
    public mutating func append(_ bytes: Span<UInt8>) {
        let target = unsafe place(for: bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            // Room was made for as many, and nobody else has this memory: they overlap nothing.
            unsafe target.initialize(from: start, count: source.count)
        }
        unsafe advance(by: bytes.count)
    }
}

/// For whoever fills it in other ways.
extension ByteMemory {
    /// Where the bytes begin.
    ///
    /// Good until it grows or is handed on; ``count`` bytes are initialized.
    @inlinable @inline(__always)
    @unsafe public var start: UnsafeMutablePointer<UInt8> { unsafe base }

    /// Makes room for `length` more bytes, and says where they go.
    ///
    /// Nothing is known of what stands there, and it counts only after ``advance(by:)``.
    @inlinable @inline(__always)
    @unsafe public mutating func place(for length: Int) -> UnsafeMutablePointer<UInt8> {
        // Neither is more than fits into memory, so that the sum is none that overflows.
        if used &+ length > room { unsafe (base, room) = Self.grown(base, used, room, length) }
        return unsafe base + used
    }

    /// Counts bytes that were written at ``place(for:)``, no more than room was made for.
    @inlinable @inline(__always)
    @unsafe public mutating func advance(by length: Int) { used &+= length }

    /// Larger memory with the same bytes, in the place of other memory.
    ///
    /// Not a method that changes the value: so whoever appends one thing after the other can keep it in registers meanwhile.
    @inline(never)
    @usableFromInline static func grown(
        _ base: UnsafeMutablePointer<UInt8>, _ used: Int, _ room: Int, _ needed: Int
    ) -> (UnsafeMutablePointer<UInt8>, Int) {
        let larger = max(room * 2, used + needed)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        // Both hold at least `used` bytes, and new memory overlaps nothing.
        unsafe memory.initialize(from: base, count: used)
        unsafe base.deallocate()
        return unsafe (memory, larger)
    }
}

// Whoever has the value has the memory alone.
extension ByteMemory: @unchecked Sendable {}
