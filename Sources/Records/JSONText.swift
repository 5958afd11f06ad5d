/// Text as JSON has it, escaped as in every record.
public enum JSONText {
    /// A string with its quotes; of its inside at most 2,048 bytes, cut between characters.
    ///
    /// Control characters and the invisible ones that could deceive whoever prints a line are escaped.
    public static func string(_ text: String) -> String {
        var buffer = LineBuffer(capacity: 256)
        buffer.byte(UInt8(ascii: "\""))
        buffer.escaped(Array(text.utf8), limit: 2048)
        buffer.byte(UInt8(ascii: "\""))
        return String(decoding: buffer.copy(), as: UTF8.self)
    }
}
