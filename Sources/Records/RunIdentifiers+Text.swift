import Model

/// Ids as text, the same in every format.
extension RunIdentifiers {
    /// Appends the id of an event that rests on a ring record, and a letter because one may be told of in several lines.
    @inline(__always)
    func append(event reference: RecordReference, _ letter: StaticString, into buffer: inout LineBuffer) {
        run.append(to: &buffer)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(reference.cpu)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(reference.hook)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(reference.sequence)
        buffer.literal(letter)
    }

    /// Appends the id of an event that user space made.
    func append(own number: UInt64, into buffer: inout LineBuffer) {
        run.append(to: &buffer)
        buffer.literal("-u-")
        buffer.decimal(number)
    }

    /// Appends the id of an attempt.
    @inline(__always)
    func append(attempt id: UInt64, into buffer: inout LineBuffer) {
        run.append(to: &buffer)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(id)
    }

    /// Appends the id of a process; only where its start is known.
    @inline(__always)
    func append(process identity: ProcessIdentity, into buffer: inout LineBuffer) {
        boot.append(to: &buffer)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(identity.pid)
        buffer.byte(UInt8(ascii: "-"))
        buffer.decimal(identity.startBootNanoseconds)
    }
}
