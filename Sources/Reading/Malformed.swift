/// Why a line is no record.
public enum Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is no JSON, from this byte of the line on.
    case syntax(offset: Int)
    /// A member has another type than it should have, or a value that it cannot have.
    case value(offset: Int)
    /// Objects and arrays within each other, too many of them.
    case tooDeep
    /// It is longer than any record.
    case tooLong
    /// It ends before the object does: its writer was interrupted.
    case torn
    /// It is JSON, and none of tattle's records in ECS; what it lacks.
    case foreign(missing: String)
    /// It is a record in OCSF.
    case ocsf

    /// What is wrong, in words.
    public var description: String {
        switch self {
        case .syntax(let offset): "not JSON at byte \(offset + 1)"
        case .value(let offset): "a value that cannot be, at byte \(offset + 1)"
        case .tooDeep: "objects within objects, too many"
        case .tooLong: "longer than any record"
        case .torn: "it ends too early"
        case .foreign(let missing): "no record of tattle's in ECS: it has no \(missing)"
        case .ocsf: "it is OCSF, and only records in ECS are read here"
        }
    }
}
