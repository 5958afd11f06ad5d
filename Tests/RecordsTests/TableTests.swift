import Model
import Testing

@testable import Records

@Suite("The table")
struct TableTests {
    private func row(_ event: TraceEvent, width: Int? = nil, usesColor: Bool = false) -> String {
        written { GoldenRun.table(width: width, usesColor: usesColor).write(event, into: &$0) }
    }

    @Test("columns stand under their titles")
    func columns() {
        let header = written { GoldenRun.table().writeHeader(into: &$0) }
        let line = row(.attempted(sampleEvent()))
        let expected = [
            ("PROCESS", "curl"), ("USER", "ana"), ("PROTO", "tcp"), ("DESTINATION", "127.0.0.1:80"),
            ("RESULT", "established 12 ms"), ("COMMAND", "curl http"),
        ]
        for (title, value) in expected {
            let column = header.firstRange(of: title).map {
                header.distance(from: header.startIndex, to: $0.lowerBound)
            }
            #expect(line.dropFirst(column ?? 0).hasPrefix(value), "\(title)")
        }
        // UTC+1, five seconds after the boot at 9:00.
        #expect(line.hasPrefix("10:00:05.000 "))
    }

    @Test("nothing that a process chose reaches the terminal as it is")
    func harmless() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<400 {
            let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let facts = sampleFacts(name: Array(bytes.prefix(15)), executable: bytes, arguments: [bytes, bytes])
            for event in [sampleEvent(facts), sampleEvent(facts) { $0.threadName = ThreadName(bytes.prefix(15)) }] {
                let line = row(.attempted(event))
                #expect(line.last == "\n")
                #expect(!line.dropLast().unicodeScalars.contains { isInvisible($0.value) || $0 == "\u{fffd}" })
            }
        }
    }

    @Test("escapes are shown")
    func shown() {
        func command(_ bytes: [UInt8]) -> String {
            let line = row(.attempted(sampleEvent(sampleFacts(arguments: [bytes]))))
            return String(line.dropFirst(TableWriter.Column.command).dropLast())
        }
        #expect(command(Array("a\u{1b}[2J".utf8)) == #"a\x1b[2J"#)
        #expect(
            command(Array("\u{202e}\u{feff}\u{85}\u{2066}\u{e0041}".utf8))
                == #"\u{202e}\u{feff}\u{85}\u{2066}\u{e0041}"#)
        #expect(command([0xff, 0xc3, 0x28, 0x7f, 0x0a]) == #"\xff\xc3(\x7f\x0a"#)
        #expect(command(Array("two words".utf8)) == "'two words'")
        #expect(command([]) == "''")
        #expect(command(Array("日本💩ü".utf8)) == "日本💩ü")
    }

    @Test("no line is wider than it may be", arguments: [1, 12, 40, 83, 112, 113, 120, 200])
    func width(width: Int) {
        let wide = sampleFacts(arguments: [Array("curl".utf8), Array("日本".utf8), [1, 2, 3], [0xff], [65, 66]])
        for event in [
            sampleEvent(wide), sampleEvent(), sampleEvent { $0.destination.address = .v6(high: .max, low: .max) },
        ] {
            let line = row(.attempted(event), width: width).dropLast()
            #expect(line.unicodeScalars.reduce(0) { $0 + columnsOfCharacter($1.value) } <= width)
        }
    }

    @Test("what waits and what became of it carry one mark")
    func reference() {
        let waiting = row(
            .attempted(
                sampleEvent {
                    $0.outcome = .pending; $0.id = 12345
                }))
        let later = row(.resolved(sampleEvent { $0.id = 12345 }))
        #expect(waiting.contains("waiting … #9ix"))
        #expect(later.contains("#9ix established 12 ms"))
    }

    @Test("colours are set and taken back, and only if wanted")
    func colors() {
        let failed = TraceEvent.attempted(sampleEvent { $0.outcome = .failed(errno: 111) })
        #expect(row(failed, usesColor: true).hasPrefix("\u{1b}[31m"))
        #expect(row(failed, usesColor: true).hasSuffix("\u{1b}[0m\n"))
        #expect(row(.attempted(sampleEvent { $0.outcome = .aborted }), usesColor: true).hasPrefix("\u{1b}[33m"))
        #expect(!row(.attempted(sampleEvent()), usesColor: true).contains("\u{1b}"))
        #expect(!row(failed).contains("\u{1b}"))
    }

    @Test("tattle's own lines begin with a mark", arguments: [nil, 60])
    func notes(width: Int?) {
        let loss = LossEvent(
            cause: .ringFull, count: 3, attempts: 2, processRecords: 1, hook: nil, windowBootNanoseconds: 1...2)
        let stop = TracingStopped(reason: .outputFailed(errno: 28), totals: Totals(), bootNanoseconds: 3)
        for event in [TraceEvent.started(sampleStarted()), .lost(loss), .stopped(stop)] {
            let lines = row(event, width: width).split(separator: "\n")
            #expect(!lines.isEmpty)
            #expect(lines.allSatisfy { $0.hasPrefix("# 10:00:0") && $0.count <= width ?? .max })
        }
        #expect(row(.started(sampleStarted())).contains("hook set trampoline refused: BPF_LINK_CREATE: Not supported"))
    }

    @Test("spans and sizes have the digits that count")
    func units() {
        func span(_ nanoseconds: UInt64) -> String {
            written { buffer in
                var line = TableLine(width: nil)
                GoldenRun.table().duration(from: 0, to: nanoseconds, in: &line, &buffer)
            }
        }
        func size(_ bytes: UInt64) -> String {
            written { buffer in
                var line = TableLine(width: nil)
                GoldenRun.table().size(bytes, in: &line, &buffer)
            }
        }
        #expect(
            [0, 87_000, 12_000_000, 2_140_000_000, 200_000_000_000, 7_260_000_000_000].map(span)
                == ["0 µs", "87 µs", "12 ms", "2.1 s", "3 min 20 s", "2 h 1 min"])
        #expect([0, 999, 10_342, 2_000_000_000].map(size) == ["0 B", "999 B", "10.3 kB", "2.0 GB"])
    }
}
