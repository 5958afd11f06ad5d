import Model
import Testing

@Suite("Addresses from text")
struct IPAddressParsingTests {
    @Test(
        "what is an address is read, and written again as RFC 5952 wants it",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("0.0.0.0", "0.0.0.0"), ("::", "::"),
            ("::1", "::1"), ("1::", "1::"), ("2001:db8::1:2", "2001:db8::1:2"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("FE80::ABCD", "fe80::abcd"), ("::ffff:10.1.2.3", "10.1.2.3"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("0:0:0:0:0:0:0:1", "::1"),
        ])
    func valid(text: String, canonical: String) {
        #expect(IPAddress(ascii: text.utf8)?.description == canonical)
    }

    @Test(
        "what is none is refused",
        arguments: [
            "", ".", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "1..2.3", ":", ":::", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8::", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
            "1.2.3.4::", "::1.2.3", "+1::", "fe80::1%2", "[::1]", "1.2.3.4 ", "::-1",
        ])
    func invalid(text: String) {
        #expect(IPAddress(ascii: text.utf8) == nil)
    }
}
