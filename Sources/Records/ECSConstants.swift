import Model

/// What is the same in every record of a run, as bytes.
struct ECSConstants: Sendable {
    /// The members `agent`, `ecs` and `host`, with commas between them.
    let members: [UInt8]
    /// How each line ends: the hook set, the end of `tattle`, `members`, the object's end and the newline.
    let tail: [UInt8]
    /// What is said of each errno.
    let errors = ErrorMembers()

    /// Renders the constants of a run.
    init(_ context: RunContext) {
        var buffer = LineBuffer(capacity: 2048)
        buffer.literal("\"agent\":{\"type\":\"tattle\",\"version\":\"")
        buffer.text(context.version)
        buffer.literal("\",\"ephemeral_id\":\"")
        buffer.text(context.runID)
        buffer.literal("\"},\"ecs\":{\"version\":\"")
        buffer.text(ECSWriter.ecsVersion)
        buffer.literal("\"},\"host\":{\"name\":\"")
        buffer.text(context.hostName)
        if let machineID = context.machineID {
            buffer.literal("\",\"id\":\"")
            buffer.text(machineID)
        }
        buffer.literal("\",\"architecture\":\"")
        buffer.text(context.architecture)
        buffer.literal("\",\"boot\":{\"id\":\"")
        buffer.text(context.bootID)
        buffer.literal("\"},\"os\":{\"type\":\"linux\",\"kernel\":\"")
        buffer.text(context.kernelRelease)
        if let system = context.operatingSystem {
            buffer.literal("\",\"full\":\"")
            buffer.text(system)
        }
        buffer.literal("\"}}")
        members = buffer.copy()

        buffer.removeAll()
        buffer.literal(",\"hook_set\":\"")
        buffer.text(context.hookSet)
        buffer.literal("\"},")
        buffer.raw(members)
        buffer.literal("}\n")
        tail = buffer.copy()
    }
}

/// `,"error":{"code":"…","message":"…"}` for each errno.
struct ErrorMembers: Sendable {
    /// One after the other.
    let text: [UInt8]
    /// Where the one of each number ends; it begins where that of the number before ends.
    private let ends: [Int]

    /// Renders them.
    init() {
        var buffer = LineBuffer(capacity: 16 << 10)
        ends = (0...Int32(ErrorNumber.count)).map { number in
            guard let (name, meaning) = ErrorNumber.entry(number) else { return buffer.count }
            buffer.literal(",\"error\":{\"code\":\"")
            buffer.literal(name)
            buffer.literal("\",\"message\":\"")
            buffer.literal(meaning)
            buffer.literal("\"}")
            return buffer.count
        }
        text = buffer.copy()
    }

    /// Where in ``text`` the one of a number is; empty: it has none.
    @inline(__always)
    func range(of number: Int32) -> Range<Int> {
        guard number > 0, Int(number) < ends.count else { return 0..<0 }
        return ends[Int(number) - 1]..<ends[Int(number)]
    }
}

extension LineBuffer {
    /// Appends the inside of a JSON string, at most `limit` bytes.
    ///
    /// Not for the hot path.
    @discardableResult
    mutating func text(_ text: String, limit: Int = 384) -> Bool {
        escaped(Array(text.utf8), limit: limit)
    }
}
