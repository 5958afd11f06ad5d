import Model

/// The member of a line that says which program it was, rendered once for each program.
///
/// A place for each low part of the program's address; what was rendered is shared by whoever keeps it.
struct ExecutableMembers {
    private struct Entry {
        var program: Program
        var text: [UInt8]
    }

    private static let places = 256
    private var entries = [Entry?](repeating: nil, count: places)

    /// `,"tattle.executable":"…"`; empty where it is not known.
    mutating func member(of program: Program) -> [UInt8] {
        // The lowest bits of all addresses are the same.
        let place = Int(UInt(bitPattern: program.objectIdentifier) >> 5 % UInt(Self.places))
        if let entry = entries[place], entry.program === program { return entry.text }
        var buffer = LineBuffer(capacity: 512)
        if let path = program.executable { buffer.member("tattle.executable", path: path, limit: 8 << 10) }
        let text = buffer.copy()
        entries[place] = Entry(program: program, text: text)
        return text
    }
}
