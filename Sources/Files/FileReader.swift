internal import Model

/// What was read of a file.
struct FileContent: Hashable {
    let sha256: [UInt8]
    /// Nil: not asked for.
    let md5: [UInt8]?
}

/// Reads an executable from its beginning to its end, and hashes it on the way.
struct FileReader {
    /// Longer files are not read, bytes.
    let limitBytes: UInt64
    private static let blockLength = 256 << 10

    /// The content's digests, or why there are none.
    ///
    /// The file must not have moved while it was read: neither its length nor its mtime.
    /// - Parameter mayContinue: called before each block.
    /// - Returns: nil when the reading was not to be continued.
    func read(
        _ found: ExecutableSearch.Found, wantsMD5: Bool, mayContinue: () -> Bool
    ) -> Result<FileContent, HashFailure>? {
        guard found.stamp.size <= limitBytes else { return .failure(.tooLarge) }
        found.file.willBeReadOnce()
        // Not kept: memory of this length goes back to the system.
        var buffer = [UInt8](repeating: 0, count: Self.blockLength)
        var digests = Digests(wantsMD5: wantsMD5)
        var total: UInt64 = 0
        do throws(CallError) {
            while true {
                guard mayContinue() else { return nil }
                let count = try found.file.read(into: &buffer)
                if count == 0 { break }
                total += UInt64(count)
                guard total <= found.stamp.size else { return .failure(.changed) }
                digests.add(buffer, count: count)
            }
            let after = FileStamp(try found.file.status())
            guard total == found.stamp.size, after.size == found.stamp.size,
                after.modifiedNanoseconds == found.stamp.modifiedNanoseconds
            else { return .failure(.changed) }
        } catch {
            return .failure(.unreadable)
        }
        let result = digests.end()
        return .success(FileContent(sha256: result.sha256, md5: result.md5))
    }
}
