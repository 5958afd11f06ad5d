import Foundation
import Testing

@testable import Files

private let hasCoreutils = FileManager.default.isReadableFile(atPath: "/var/lib/dpkg/info/coreutils.list")

@Suite("dpkg's database")
struct PackageDatabaseTests {
    private let digits = "0123456789abcdef0123456789ABCDEF"
    private let sum: [UInt8] = [
        1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
    ]

    @Test("a path's package, its version, the checksum")
    func known() throws {
        let dpkg = try Dpkg()
        try dpkg.add("shell", files: ["/.", "/opt", "/opt/sh", "/opt/sh.conf"], checksums: ["/opt/sh": digits])
        let database = try dpkg.open()
        #expect(database.membership("/opt/sh") == PackageDatabase.Entry(name: "shell", version: "1:2.0-3", md5: sum))
        #expect(database.membership("/opt/sh.conf")?.md5 == nil)
    }

    @Test("paths of no package, and pieces of paths")
    func unknown() throws {
        let dpkg = try Dpkg()
        try dpkg.add("shell", files: ["/opt", "/opt/usr/bin/sh"], checksums: ["/opt/usr/bin/sh": digits])
        let database = try dpkg.open()
        for path in ["/usr/bin/sh", "/opt/usr/bin/s", "/opt/usr/bin/sh2", "sh", "", "/", "/opt/usr/bin/sh\n", "/a\0"] {
            #expect(database.membership(path) == nil)
        }
        // Whole lines only, even where the hash was to agree.
        #expect(PackageRecords(root: dpkg.folder.file("dpkg"), package: "shell").md5(of: Array("/bin/sh".utf8)) == nil)
    }

    @Test("packages of several architectures, and without a version")
    func architectures() throws {
        let dpkg = try Dpkg()
        try dpkg.add("library:amd64", files: ["/opt/a.so"], checksums: ["/opt/a.so": digits])
        try dpkg.add("library:i386", files: ["/opt/i.so"])
        try dpkg.add("removed", files: ["/opt/conf"])
        try dpkg.add("unheard-of", files: ["/opt/unheard-of"])
        let database = try dpkg.open()
        #expect(database.membership("/opt/a.so") == PackageDatabase.Entry(name: "library", version: "7a", md5: sum))
        #expect(database.membership("/opt/i.so") == PackageDatabase.Entry(name: "library", version: "7i", md5: nil))
        #expect(database.membership("/opt/conf") == PackageDatabase.Entry(name: "removed", version: nil, md5: nil))
        #expect(database.membership("/opt/unheard-of")?.name == "unheard-of")
    }

    @Test("folders that became links into /usr: both names, and only there")
    func mergedFolders() throws {
        let dpkg = try Dpkg()
        try FileManager.default.createDirectory(
            atPath: dpkg.folder.file("root/usr/bin"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: dpkg.folder.file("root/sbin"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: dpkg.folder.file("root/usr/sbin"), withIntermediateDirectories: true)
        try symbolicLink("usr/bin", dpkg.folder.file("root/bin"))
        try dpkg.add("shell", files: ["/bin/sh", "/usr/bin/cut", "/sbin/init"], checksums: ["/bin/sh": digits])
        try dpkg.add("removed", files: ["/bin/cut"])
        try dpkg.folder.write("/bin/cut\n/bin/cut.original\nremoved\n", to: "dpkg/diversions")
        let database = try dpkg.open()
        #expect(database.membership("/usr/bin/sh")?.md5 == sum)
        #expect(database.membership("/bin/sh")?.md5 == sum)
        #expect(database.membership("/usr/bin/cut")?.name == "removed")
        #expect(database.membership("/usr/bin/cut.original")?.name == "shell")
        #expect(database.membership("/sbin/init") != nil)
        #expect(database.membership("/usr/sbin/init") == nil)
    }

    @Test("diverted files: at their place by another name, and whose the original path is then")
    func diversions() throws {
        let dpkg = try Dpkg()
        try dpkg.add("shell", files: ["/opt/sh", "/opt/tool"], checksums: ["/opt/sh": digits])
        try dpkg.add("removed", files: ["/opt/sh"])
        try dpkg.folder.write(
            """
            /opt/sh
            /opt/sh.original
            removed
            /opt/tool
            /opt/tool.original
            :

            """, to: "dpkg/diversions")
        let database = try dpkg.open()
        #expect(database.membership("/opt/sh")?.name == "removed")
        #expect(database.membership("/opt/sh.original") == .init(name: "shell", version: "1:2.0-3", md5: sum))
        #expect(database.membership("/opt/tool") == nil)
        #expect(database.membership("/opt/tool.original")?.name == "shell")
    }

    @Test("read anew when it changed, but not while dpkg is at work")
    func changes() throws {
        let dpkg = try Dpkg()
        try dpkg.add("shell", files: ["/opt/sh"])
        let database = try dpkg.open()
        #expect(database.membership("/opt/new") == nil && !database.isBeingChanged)
        let lock = try dpkg.lock()
        #expect(database.isBeingChanged)
        try dpkg.add("removed", files: ["/opt/new"])
        #expect(database.membership("/opt/new") == nil)
        lock.release()
        #expect(!database.isBeingChanged)
        #expect(database.membership("/opt/new")?.name == "removed")
        #expect(database.membership("/opt/sh")?.name == "shell")
    }

    @Test("no database: none is claimed")
    func none() throws {
        let folder = try Folder()
        #expect(PackageDatabase(root: folder.file("nothing")) == nil)
        try folder.write("", to: "dpkg/status")
        try folder.write("", to: "dpkg/info/empty")
        #expect(PackageDatabase(root: folder.file("dpkg")) == nil)
    }

    @Test("torn and hostile files of a database")
    func hostile() throws {
        let dpkg = try Dpkg()
        try dpkg.add("shell", files: ["", "/", "no path", "/opt/sh"])
        try dpkg.folder.write("/opt/last", to: "dpkg/info/torn.list")
        try dpkg.folder.write("", to: "dpkg/info/empty.list")
        try dpkg.folder.write("", to: "dpkg/info/.list")
        try dpkg.folder.write("/one\n/two", to: "dpkg/diversions")
        try dpkg.folder.write(
            "xyz  opt/sh\n\(String(repeating: "x", count: 32))  opt/sh\n", to: "dpkg/info/shell.md5sums")
        let database = try dpkg.open()
        #expect(database.membership("/opt/sh") == PackageDatabase.Entry(name: "shell", version: "1:2.0-3", md5: nil))
        #expect(database.membership("/opt/none") == nil)
    }

    @Test("this machine's ls is coreutils'", .enabled(if: hasCoreutils))
    func realDatabase() throws {
        let database = try #require(PackageDatabase())
        let path = URL(filePath: "/bin/ls").resolvingSymlinksInPath().path
        let entry = try #require(database.membership(path))
        #expect(entry.name == "coreutils")
        #expect(try entry.version == firstWord("dpkg-query", ["-W", "-f", "${Version}", "coreutils"]))
        #expect(try hexadecimal(entry.md5) == firstWord("md5sum", [path]))
        #expect(database.membership("/usr/bin/no-such-program") == nil)
        // What an idle tattle pays for it.
        #expect(database.indexBytes < 3 << 20)
    }
}
