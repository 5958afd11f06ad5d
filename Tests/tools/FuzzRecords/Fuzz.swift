/// Gets ever other bytes from libFuzzer, whose own `main` calls it.
///
/// The first byte chooses what gets the others.
///
/// The corresponding C function is `LLVMFuzzerTestOneInput`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer's bytes are valid through the call.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let rest = Array(input.dropFirst())
    switch choice {
    case UInt8(ascii: "2"): RuleFuzz.run(rest)
    case _ where choice & 1 == 0: ReaderFuzz.run(rest)
    default: WriterFuzz.run(rest)
    }
    return 0
}
