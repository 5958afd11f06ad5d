import Model
import Testing

@testable import Records

@Suite("Bytes of no particular encoding")
struct TextTests {
    private static let interesting: [UInt8] =
        [0, 1, 8, 9, 10, 13, 0x1b, 0x1f, 0x20, 0x22, 0x41, 0x5c, 0x7e, 0x7f, 0x80, 0x85, 0x9f, 0xa0, 0xa8, 0xbf]
        + [0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff]

    private static func torture(_ generator: inout SeededGenerator, longest: Int) -> [UInt8] {
        (0..<Int.random(in: 0...longest, using: &generator)).map { _ in
            switch UInt8.random(in: 0..<4, using: &generator) {
            case 0: UInt8.random(in: 0...255, using: &generator)
            case 1: interesting.randomElement(using: &generator)!
            default: UInt8.random(in: 0x20...0x7e, using: &generator)
            }
        }
    }

    @Test("an object of no members is written as one") func emptyObject() {
        #expect(written { $0.wrap(",\"parts\":{", from: $0.count) } == ",\"parts\":{}")
    }

    @Test("any bytes come back from the JSON as the standard library decodes them")
    func random() throws {
        var generator = SeededGenerator(seed: 1)
        var writer = GoldenRun.ecs()
        for _ in 0..<1000 {
            let name = Self.torture(&generator, longest: 15).filter { $0 != 0 }
            let path = [UInt8(ascii: "/")] + Self.torture(&generator, longest: 300)
            let arguments = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                Self.torture(&generator, longest: 90).filter { $0 != 0 }
            }
            let thread = ThreadName(Self.torture(&generator, longest: 15).filter { $0 != 0 })
            let facts = sampleFacts(name: name, executable: path, arguments: arguments)
            let line = try json(&writer, .attempted(sampleEvent(facts) { $0.threadName = thread }))
            func decoded(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
            #expect((line.string("process.name") ?? "") == decoded(name))
            #expect(line.string("process.executable") == decoded(path))
            #expect(line.strings("process.args") == arguments.map(decoded))
            #expect((line.string("process.thread.name") ?? "") == decoded(thread.bytes))
        }
    }

    @Test("every byte pair and every lead with three others decodes as in the standard library")
    func decoder() {
        func both(_ bytes: [UInt8]) -> Bool {
            var (scalars, index) = ([UInt32](), 0)
            while index < bytes.count {
                let (scalar, length) = decodeScalar(bytes, at: index)
                scalars.append(scalar ?? 0xfffd)
                index += length
            }
            return scalars == String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
        }
        let edges: [UInt8] = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xe1, 0xff]
        var wrong = 0
        for lead in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max where !both([lead, second]) { wrong += 1 }
            for second in edges {
                for third in edges {
                    for fourth: UInt8 in [0x7f, 0x80, 0xbf] where !both([lead, second, third, fourth]) { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test("controls, quotes and what cannot be seen are escaped; the rest is not")
    func escapes() {
        func escaped(_ text: String) -> String {
            written { $0.escaped(Array(text.utf8)) }
        }
        #expect(escaped("a\"b\\c/d") == #"a\"b\\c/d"#)
        #expect(escaped("\u{8}\t\n\u{c}\r") == #"\b\t\n\f\r"#)
        #expect(escaped("\0\u{1b}\u{7f}\u{85}") == #"\u0000\u001b\u007f\u0085"#)
        #expect(escaped("\u{2028}\u{2029}\u{202e}\u{feff}\u{200b}") == #"\u2028\u2029\u202e\ufeff\u200b"#)
        #expect(escaped("\u{e0041}") == #"\udb40\udc41"#)
        #expect(escaped("für 日本 💩") == "für 日本 💩")
    }

    @Test("a limit is kept, and nothing is cut within a character", arguments: 0..<60)
    func limits(limit: Int) throws {
        let text = "ab\u{1}ü\"💩日\\xyz"
        var isWhole = false
        let cut = written { isWhole = $0.escaped(Array(text.utf8), limit: limit) }
        #expect(cut.utf8.count <= limit)
        let whole = written { $0.escaped(Array(text.utf8)) }
        #expect(whole.hasPrefix(cut))
        #expect(isWhole == (cut == whole))
        #expect(isWhole == (whole.utf8.count <= limit))
    }
}
