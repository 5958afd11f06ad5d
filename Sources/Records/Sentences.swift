import Model

extension LossCause {
    /// The cause in words, for both formats.
    var sentence: StaticString {
        switch self {
        case .ringFull: "The ring buffer was full"
        case .recursion: "The kernel did not run the program: it ran already on that CPU"
        case .skipped: "The kernel ran no program when a socket closed: how that ended is not known"
        case .mapFull: "No room for an attempt's state: its outcome may be missing"
        case .flowForgotten: "No room for the counts of a UDP flow: how much it sent is not known"
        case .packetRing: "One send from a PACKET_TX_RING had more frames than are told of"
        case .undecodable: "Records came that could not be read"
        case .unexplained: "Sequence numbers are missing, and no counter says why"
        case .unaccounted: "The kernel counted more than was recorded, and nothing else says why"
        case .inventoryIncomplete: "Not every socket that was open before is written"
        case .diskFull: "There was no room for the log"
        case .writeFailed: "The log could not be written"
        case .previousRunDied: "The run before ended without a word"
        }
    }
}

extension LineBuffer {
    /// Appends why tracing ended, in words that need no escaping.
    mutating func sentence(_ reason: StopReason) {
        switch reason {
        case .signal(let number):
            switch number {
            case 1: literal("SIGHUP")
            case 2: literal("SIGINT")
            case 15: literal("SIGTERM")
            default:
                literal("Signal ")
                signed(number)
            }
        case .commandExited(let status):
            literal("The command ended with status ")
            signed(status)
        case .durationElapsed: literal("The time was over")
        case .outputClosed: literal("Nobody reads the output any more")
        case .outputFailed(let number):
            literal("The output could not be written: ")
            errorName(number)
        }
    }

    /// Appends an errno's name.
    mutating func errorName(_ number: Int32) {
        if let (name, _) = ErrorNumber.entry(number) { literal(name) } else { unknownErrorName(number) }
    }

    /// Appends a JSON array of strings, at most `limit` bytes and the brackets.
    mutating func texts(_ values: [String], limit: Int) {
        byte(UInt8(ascii: "["))
        _ = strings(values.map { Array($0.utf8) }, limit: limit)
        byte(UInt8(ascii: "]"))
    }
}
