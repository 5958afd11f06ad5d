import Testing

@testable internal import Delivery
@testable internal import Formats

struct AnswerTextTests {
    @Test(arguments: [
        ("120", 120), (" 0", 0), ("99999999", 3_600), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
        ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("Mon, 29 Feb 2100 00:00:00 GMT", 3_600),
    ])
    func readsSecondsAndDates(_ field: String, _ seconds: Int) {
        // 784111740: 1994-11-06T08:49:00Z.
        #expect(RetryAfter.delay(field, now: 784_111_740) == .seconds(seconds))
    }

    @Test(arguments: ["", "-1", "+1", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49 GMT", "1.5"])
    func takesNothingElse(_ field: String) { #expect(RetryAfter.delay(field, now: 784_111_740) == nil) }

    @Test func saysOnOneLineWhatCame() {
        #expect(Explanation.text("  a\r\n\tb\u{1b}[31m \u{202e}c\u{0}".utf8) == "a b [31m c")
        #expect(Explanation.text([0xff, 0x41, 0xc3]).contains("A"))
        #expect(Explanation.text(Array(repeating: UInt8(ascii: "x"), count: 1 << 20)).utf8.count == 1_024)
        // 1,024 bytes are 341 of these and a third of one.
        #expect(Explanation.text(String(repeating: "€", count: 2_000).utf8) == String(repeating: "€", count: 341))
    }

    @Test(arguments: [
        (#"{"error":{"type":"a","reason":"b"},"status":400}"#, "a: b"),
        (#"{"text":"Invalid token","code":4}"#, "Invalid token"),
        (#"{"error":"plain"}"#, "plain"), (#"{"message":"m"}"#, "m"),
        ("Code: 60. DB::Exception", "Code: 60. DB::Exception"),
        (#"{"torn":"#, #"{"torn":"#), (#"{"a":1}"#, #"{"a":1}"#),
    ])
    func findsTheReasonInABody(_ body: String, _ reason: String) {
        #expect(Explanation.body(Array(body.utf8)) == reason)
    }

    @Test func findsNoReasonInAnEmptyBody() { #expect(Explanation.body([]) == nil) }

    @Test func isNotHurtByObjectsWithinObjects() {
        let deep = String(repeating: #"{"error":"#, count: 50_000)
        #expect(Explanation.body(Array(deep.utf8))?.utf8.count == 200)
    }
}
