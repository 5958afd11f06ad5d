internal import Glibc

/// Takes away what a kill in the midst of a write left behind a file's last whole line: it comes again.
///
/// - Returns: 0 or an errno. What is no regular file has no end to look at.
func cutTornLine(of descriptor: Int32) -> Int32 {
    var status = stat()
    // Lives through the call, which only writes to it.
    guard unsafe fstat(descriptor, &status) == 0 else { return errno }
    guard status.st_mode & S_IFMT == S_IFREG else { return 0 }
    var end = status.st_size
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while end > 0 {
        let start = max(end - off_t(piece.count), 0)
        let length = Int(end - start)
        // Writes at most `length` bytes, for which there is room.
        let count = unsafe piece.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, length, start) }
        guard count == length else { return count < 0 ? errno : EIO }
        if let newline = piece[..<count].lastIndex(of: UInt8(ascii: "\n")) {
            end = start + off_t(newline) + 1
            break
        }
        end = start
    }
    guard end < status.st_size else { return 0 }
    return ftruncate(descriptor, end) == 0 ? 0 : errno
}
