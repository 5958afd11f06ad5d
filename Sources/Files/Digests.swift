internal import CNettle

/// SHA-256 of bytes as they come, and MD5 if wanted.
@safe
struct Digests {
    // Invariant: both are initialized by nettle before anything is added.
    private var sha256 = tattle_sha256()
    private var md5: tattle_md5?

    /// Begins.
    init(wantsMD5: Bool) {
        unsafe tattle_sha256_begin(&sha256)
        guard wantsMD5 else { return }
        var digest = tattle_md5()
        unsafe tattle_md5_begin(&digest)
        md5 = digest
    }

    /// Adds the first `count` bytes of a buffer.
    mutating func add(_ buffer: [UInt8], count: Int) {
        precondition(count <= buffer.count)
        unsafe buffer.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            // `count` bytes are there, and valid through the calls.
            unsafe tattle_sha256_add(&sha256, start, count)
            // In its place: a copy of the optional would have to be put back.
            if md5 != nil { unsafe tattle_md5_add(&md5!, start, count) }
        }
    }

    /// Ends: 32 bytes, and 16 of MD5 if wanted.
    consuming func end() -> (sha256: [UInt8], md5: [UInt8]?) {
        var first = [UInt8](repeating: 0, count: 32)
        // 32 bytes are what nettle writes, and 16 below.
        unsafe first.withUnsafeMutableBufferPointer { unsafe tattle_sha256_end(&sha256, $0.baseAddress) }
        guard md5 != nil else { return (first, nil) }
        var second = [UInt8](repeating: 0, count: 16)
        unsafe second.withUnsafeMutableBufferPointer { unsafe tattle_md5_end(&md5!, $0.baseAddress) }
        return (first, second)
    }
}
