/// Names of systemd's units, as folders of the cgroup hierarchy have them.
///
/// systemd's src/basic/unit-name.c (`unit_name_is_valid`) and cgroup-util.c (`cg_path_decode_unit`).
enum UnitName {
    /// What a component may be to systemd.
    enum Kind: Equatable {
        /// A folder for units and further slices.
        case slice(String)
        /// A unit that has processes; systemd puts no other unit below.
        case unit(String)
    }

    /// A component read as a unit's name; nil when it is not a valid one.
    ///
    /// Templates without an instance are none. An underscore in front is left out: it keeps apart a unit and a file of
    /// the kernel's of the same name, and is not of the unit's name.
    static func parse(_ component: ArraySlice<UInt8>) -> Kind? {
        let name = component.without(prefix: "_") ?? component
        guard name.count <= lengthLimit, let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let prefix = name[..<dot]
        guard let first = prefix.first, first != at, prefix.last != at, prefix.allSatisfy(isValid) else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        switch String(decoding: name[dot...], as: UTF8.self) {
        case ".slice": return isSlice(prefix) ? .slice(text) : nil
        case ".service", ".scope", ".socket", ".mount", ".swap": return .unit(text)
        default: return nil
        }
    }

    /// The user whose manager a unit is: `user@UID.service`, user@.service(5).
    static func managerUserID(_ unit: String) -> UInt32? {
        guard unit.hasPrefix("user@"), unit.hasSuffix(".service") else { return nil }
        return UInt32(unit.dropFirst("user@".count).dropLast(".service".count))
    }

    /// A text with `\xHH` made bytes again, as systemd-escape(1) does.
    ///
    /// What is no such sequence stays.
    static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.without(prefix: "x")?.prefix(2) ?? []
            if byte == UInt8(ascii: "\\"), digits.count == 2, digits.allSatisfy(\.isSmallHexadecimal),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// `UNIT_NAME_MAX` without its NUL.
    private static let lengthLimit = 255
    private static let at = UInt8(ascii: "@")
    private static let dash = UInt8(ascii: "-")

    private static func isValid(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: ":"), dash, UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "\\"), at:
            true
        default: false
        }
    }

    /// Dashes are the levels of a slice: none at the ends, no two in a row, and slices have no instances.
    private static func isSlice(_ prefix: ArraySlice<UInt8>) -> Bool {
        !prefix.contains(at)
            && prefix.split(separator: dash, omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }
}
