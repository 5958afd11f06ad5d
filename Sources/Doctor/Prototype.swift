/// A C function's prototype, in a form in which two can be compared.
struct Prototype: Hashable, Sendable {
    /// One parameter.
    struct Parameter: Hashable, Sendable {
        /// Its type without qualifiers, as in "struct sock *".
        var type: String
        /// Its name; nil: none is given, as in a tracepoint's type.
        var name: String?
    }

    /// What it returns, without qualifiers; nil: not said, as for a tracepoint.
    var result: String?
    /// Its name.
    var name: String
    /// Its parameters, in order.
    var parameters: [Parameter]
    /// Whether more may follow: it ends in "…".
    var isOpenEnded: Bool

    /// Reads C; nil when it is no prototype.
    init?(_ text: some StringProtocol) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else { return nil }
        var words = Self.tokens(text[..<open])
        guard let name = words.popLast(), Self.isWord(name) else { return nil }
        self.name = name
        result = words.isEmpty ? nil : Self.type(words)
        var list = text[text.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false)
            .map { Self.tokens($0) }
        let ends: [[String]] = [["…"], [".", ".", "."]]
        isOpenEnded = list.last.map(ends.contains) ?? false
        if isOpenEnded { list.removeLast() }
        guard !list.contains(where: \.isEmpty) else { return nil }
        parameters = list == [["void"]] ? [] : list.map(Self.parameter)
    }

    private static func isWord(_ token: String) -> Bool {
        token.first.map { $0.isLetter || $0 == "_" } ?? false
    }

    /// Words, and other characters one by one; qualifiers, which change nothing for who reads an argument, are left out.
    private static func tokens(_ text: some StringProtocol) -> [String] {
        var tokens: [String] = []
        var word = ""
        for character in text {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            if !word.isEmpty { tokens.append(word) }
            word = ""
            if !character.isWhitespace { tokens.append(String(character)) }
        }
        if !word.isEmpty { tokens.append(word) }
        let qualifiers: Set<String> = ["const", "volatile", "restrict", "__restrict", "__user"]
        return tokens.filter { !qualifiers.contains($0) }
    }

    private static let integers: Set<String> = ["unsigned", "signed", "long", "short", "int", "char"]

    private static func parameter(_ tokens: [String]) -> Parameter {
        var type = tokens
        var name: String?
        let tags: Set<String> = ["struct", "union", "enum"]
        // The last word is the name, unless it is all there is of the type.
        if tokens.count > 1, let last = tokens.last, isWord(last), !integers.contains(last),
            !tags.contains(tokens[tokens.count - 2])
        {
            name = last
            type.removeLast()
        }
        return Parameter(type: Self.type(type), name: name)
    }

    /// What the preprocessor calls otherwise than the compiler: linux/types.h, linux/socket.h.
    private static let macros = ["_Bool": "bool", "__kernel_sockaddr_storage": "sockaddr_storage"]

    /// A type in one spelling: "long unsigned int" is "unsigned long", "_Bool" is "bool".
    private static func type(_ tokens: [String]) -> String {
        let words = tokens.filter(isWord)
        let rest = tokens.filter { !isWord($0) }
        let stars = rest.isEmpty ? "" : " " + rest.joined()
        guard !words.isEmpty, words.allSatisfy(integers.contains) else {
            return words.map { macros[$0] ?? $0 }.joined(separator: " ") + stars
        }
        var parts: [String] = words.contains("unsigned") ? ["unsigned"] : []
        if words.contains("char"), words.contains("signed") { parts.append("signed") }
        let sizes = words.filter { ["long", "short", "char"].contains($0) }
        parts += sizes.isEmpty ? ["int"] : sizes
        return parts.joined(separator: " ") + stars
    }

    /// A type alone, in the spelling of ``Parameter/type``.
    static func type(_ text: some StringProtocol) -> String { type(tokens(text)) }
}
