internal import Model

/// Programs that were executed a moment ago: the same one again is the same object.
///
/// A thousand workers with the same arguments cost the text of one.
struct ProgramCache {
    private static let capacity = 1024
    /// Longer ones are not kept, so that all of them stay under 1 MiB.
    private static let longest = 1024
    private var entries = [Program?](repeating: nil, count: capacity)

    /// The program that is known already, or this one from now on.
    mutating func shared(_ program: Program) -> Program {
        guard program.textByteCount <= Self.longest else { return program }
        let index = Int(UInt(bitPattern: program.hashValue) % UInt(Self.capacity))
        if let known = entries[index], known == program { return known }
        entries[index] = program
        return program
    }
}
