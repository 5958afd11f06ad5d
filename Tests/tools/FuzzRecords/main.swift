import Glibc

/// libFuzzer's loop: it calls `test` with ever other bytes.
///
/// The corresponding C function is `LLVMFuzzerRunDriver`.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var count = CommandLine.argc
// The process's own arguments, which live as long as it does.
var arguments = unsafe CommandLine.unsafeArgv
let status = unsafe runFuzzer(&count, &arguments) { start, count in
    // The fuzzer's bytes are valid through the call.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    if choice & 1 == 0 {
        ReaderFuzz.run(Array(input.dropFirst()))
    } else {
        WriterFuzz.run(Array(input.dropFirst()))
    }
    return 0
}
exit(status)
