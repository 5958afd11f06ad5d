/// SHA-256 of bytes that are at hand.
public enum ContentDigest {
    /// The digest, 32 bytes.
    public static func sha256(of bytes: [UInt8]) -> [UInt8] {
        var digests = Digests(wantsMD5: false)
        digests.add(bytes, count: bytes.count)
        return digests.end().sha256
    }
}
