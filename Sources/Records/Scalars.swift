/// Reads one character of `bytes`, which may be anything.
///
/// Unicode 17, table 3-7. A sequence that breaks off is one error as long as it might have
/// become a character (the maximal subpart), so that the next byte is read anew.
/// - Returns: the character, nil where there is none, and how many bytes it takes, at least 1.
func decodeScalar(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32?, length: Int) {
    let lead = bytes[index]
    if lead < 0x80 { return (UInt32(lead), 1) }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch lead {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xe1...0xec, 0xee...0xef: length = 3
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return (nil, 1)
    }
    var scalar = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length {
        guard index + offset < bytes.count else { return (nil, offset) }
        let next = bytes[index + offset]
        guard (offset == 1 ? second : 0x80...0xbf).contains(next) else { return (nil, offset) }
        scalar = scalar << 6 | UInt32(next & 0x3f)
    }
    return (scalar, length)
}

/// Whether a character is a control, or changes how others are shown while it is not seen itself.
///
/// C0, DEL, C1, zero-width and bidirectional formatting, line and paragraph separators, tags.
func isInvisible(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0..<0x20, 0x7f...0x9f, 0xad, 0x61c, 0x180e: true
    case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f: true
    case 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe007f: true
    default: false
    }
}
