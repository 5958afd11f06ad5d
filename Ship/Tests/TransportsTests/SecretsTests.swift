import ShipSettings
import Testing

@testable internal import Transports

struct SecretsTests {
    /// RFC 4648, 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func encodesBase64(_ plain: String, _ encoded: String) { #expect(base64(Array(plain.utf8)) == encoded) }

    @Test(arguments: [
        ("no hunter22 here", "no *** here"), ("cut in two: hunter2", "cut in two: ***"), ("hunt", "***"),
        ("a hunter2 that is none", "a hunter2 that is none"), ("hun", "hun"),
        ("ends with hünter2", "ends with hünter2"),
        ("", ""), ("hunter22", "***"),
    ])
    func leavesNoSecretAndNoBeginningOfOneAtTheEnd(_ text: String, _ masked: String) {
        #expect(Secrets(.token(Secret("hunter22"))).masked(text) == masked)
    }

    @Test(arguments: [
        ("https://user:secret@host:9/path?x#y", "https://host:9"), ("http://host", "http://host"), ("/path", nil),
        ("http://h\u{1b}[31m/", nil), ("", nil),
    ])
    func tellsOnlyWhereARedirectLeads(_ location: String, _ shown: String?) {
        #expect(OriginText.origin(location) == shown)
    }
}
