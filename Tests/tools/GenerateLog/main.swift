import Glibc
import Model
import Records

// A log of N attempts through the real writer, the same each time: generate-log N > log.ndjson
guard CommandLine.arguments.count == 2, let wanted = UInt64(CommandLine.arguments[1]) else {
    print("usage: generate-log N")
    exit(64)
}
var generator = LogGenerator()
generator.write(attempts: wanted) { bytes in
    var start = 0
    while start < bytes.count {
        // Reads at most the bytes from `start` on.
        let count = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress! + start, $0.count - start) }
        guard count > 0 else { exit(74) }
        start += count
    }
}
