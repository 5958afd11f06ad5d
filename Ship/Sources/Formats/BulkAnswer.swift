internal import Reading

/// The answer of `_bulk`.
enum BulkAnswer {
    /// What became of one action.
    struct Item {
        var status: Int
        var reason: String
    }

    /// Reads the items; empty: there were no errors, and the answer does not list each, as Tenzir's does not.
    ///
    /// - Throws: where it is not such an answer, or one to another number of actions.
    static func items(_ body: [UInt8], count: Int) throws(Malformed) -> [Item] {
        var scanner = JSONScanner(body, 0..<body.count)
        var items: [Item]?
        var hasErrors: Bool?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            if body.stands("errors", at: name) {
                hasErrors = try scanner.flag()
            } else if body.stands("items", at: name), items == nil {
                items = try list(&scanner, body, count)
            } else {
                try scanner.skip()
            }
        }
        guard scanner.peek() == 0, scanner.index == body.count, let hasErrors, let items, !items.isEmpty else {
            throw scanner.syntaxError
        }
        if items.count == count { return items }
        guard !hasErrors, items.allSatisfy({ (200..<300).contains($0.status) }) else { throw scanner.syntaxError }
        return []
    }

    private static func list(
        _ scanner: inout JSONScanner, _ body: [UInt8], _ count: Int
    ) throws(Malformed) -> [Item] {
        var items: [Item] = []
        items.reserveCapacity(count)
        try scanner.enterArray()
        while try scanner.nextElement() {
            // No more than were asked for are kept, whatever comes.
            guard items.count < count else { throw scanner.syntaxError }
            try scanner.enterObject()
            // The action: `create`.
            guard try scanner.nextNameRange() != nil else { throw scanner.syntaxError }
            items.append(try item(&scanner, body))
            while try scanner.nextNameRange() != nil { try scanner.skip() }
        }
        return items
    }

    private static func item(_ scanner: inout JSONScanner, _ body: [UInt8]) throws(Malformed) -> Item {
        var status: Int?
        var reason: String?
        try scanner.enterObject()
        while let name = try scanner.nextNameRange() {
            if body.stands("status", at: name) {
                status = Int(exactly: try scanner.number())
            } else if body.stands("error", at: name), scanner.peek() == UInt8(ascii: "{") {
                reason = try Explanation.error(&scanner, depth: 1)
            } else if body.stands("error", at: name), scanner.peek() == UInt8(ascii: "\"") {
                reason = Explanation.text(try scanner.text().utf8)
            } else {
                try scanner.skip()
            }
        }
        guard let status, (100..<600).contains(status) else { throw scanner.syntaxError }
        return Item(status: status, reason: reason ?? "no reason")
    }
}
