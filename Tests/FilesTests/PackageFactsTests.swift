import Foundation
import Model
import Testing

@testable import Files

@Suite("The package of a process's program", .timeLimit(.minutes(5)))
struct PackageFactsTests {
    let dpkg: Dpkg
    let path: String
    let database: PackageDatabase
    let inspector: FileInspector

    /// A program that the package `shell` brought.
    init() throws {
        dpkg = try Dpkg()
        path = try dpkg.folder.copy("/bin/sleep", to: "program")
        try dpkg.add("shell", files: [path], checksums: [path: firstWord("md5sum", [path])])
        database = try dpkg.open()
        inspector = try FileInspector(packages: database)
    }

    private func membership(version: String? = "1:2.0-3", isUnchanged: Bool?) -> PackageMembership {
        PackageMembership(name: "shell", version: version, isUnchanged: isUnchanged)
    }

    @Test("as the package brought it")
    func unchanged() throws {
        let verdict = try inspector.finalVerdict(for: request(path))
        #expect(verdict.package == membership(isUnchanged: true) && verdict.isPackageKnown)
        #expect(try hexadecimal(verdict.sha256) == sha256sum(path))
    }

    @Test("not as the package brought it")
    func modified() throws {
        try append("!", to: path)
        let verdict = try inspector.finalVerdict(for: request(path))
        #expect(verdict.package == membership(isUnchanged: false) && verdict.sha256 != nil)
    }

    @Test("of no package")
    func unpackaged() throws {
        let other = try dpkg.folder.copy("/bin/sleep", to: "other")
        let verdict = try inspector.finalVerdict(for: request(other))
        #expect(verdict.package == nil && verdict.isPackageKnown && verdict.sha256 != nil)
    }

    @Test("a link to a package's file is of no package, though the file was read already")
    func linked() throws {
        let other = dpkg.folder.file("link")
        try hardLink(path, other)
        #expect(try inspector.finalVerdict(for: request(other)).package == nil)
        // That reading needed no MD5, this one does.
        #expect(try inspector.finalVerdict(for: request(path)).package == membership(isUnchanged: true))
    }

    @Test("in a container, where the path is another file's: nothing is said of packages")
    func container() throws {
        // What the process runs; at its path, here, is the package's file.
        let other = try dpkg.folder.copy("/bin/sleep", to: "other")
        let program = try Program(other)
        let inside = try request(path, pid: program.pid, stamp: stamp(other), isInHostMountNamespace: false)
        let verdict = try inspector.finalVerdict(for: inside)
        #expect(verdict.package == nil && !verdict.isPackageKnown && verdict.sha256 != nil)
    }

    @Test("of another mount namespace, executed from this one by way of /proc/PID/root: its path makes it no package's")
    func stranger() throws {
        let other = try dpkg.folder.copy("/bin/sleep", to: "other")
        let program = try Program(other)
        let verdict = try inspector.finalVerdict(for: request(path, pid: program.pid, stamp: stamp(other)))
        #expect(verdict.package == nil && verdict.isPackageKnown && verdict.sha256 != nil && !verdict.isAtPath)
        #expect(try inspector.finalVerdict(for: request(path)).isAtPath)
    }

    @Test("with mounts of its own, as many a service has: the path is the same file's, and so the package is told")
    func ownMounts() throws {
        let verdict = try inspector.finalVerdict(for: request(path, isInHostMountNamespace: false))
        #expect(verdict.package == membership(isUnchanged: true) && verdict.isPackageKnown)
    }

    @Test("no checksum: the package is told, whether it is unchanged is not")
    func noChecksum() throws {
        try dpkg.add("removed", files: [dpkg.folder.file("plain")])
        let plain = try dpkg.folder.copy("/bin/sleep", to: "plain")
        let expected = PackageMembership(name: "removed", version: nil, isUnchanged: nil)
        #expect(try inspector.finalVerdict(for: request(plain)).package == expected)
    }

    @Test("too large to be read: the package is told all the same")
    func tooLarge() throws {
        let small = try FileInspector(hashLimitBytes: 100, packages: database)
        let verdict = try small.finalVerdict(for: request(path))
        #expect(verdict.failure == .tooLarge && verdict.package == membership(isUnchanged: nil))
    }

    @Test("an upgrade while the process runs: the old file is not held against the new package")
    func upgraded() throws {
        let program = try Program(path)
        let request = try request(path, pid: program.pid)
        try replace(path, with: dpkg.folder.copy("/bin/sleep", to: "new", padding: "!"))
        try dpkg.add("shell", files: [path], checksums: [path: firstWord("md5sum", [path])])
        let verdict = try inspector.finalVerdict(for: request)
        #expect(verdict.package == membership(version: nil, isUnchanged: nil) && verdict.sha256 != nil)
    }

    @Test("deleted, and its path of no package: it may have been of one that was removed")
    func removed() throws {
        let other = try dpkg.folder.copy("/bin/sleep", to: "other")
        let program = try Program(other)
        let request = try request(other, pid: program.pid)
        try remove(other)
        let verdict = try inspector.finalVerdict(for: request)
        #expect(verdict.package == nil && !verdict.isPackageKnown && verdict.sha256 != nil)
    }

    @Test("while dpkg is at work nothing is held against a file, and nothing remembered")
    func atWork() throws {
        let other = try dpkg.folder.copy("/bin/sleep", to: "other")
        try append("!", to: path)
        let lock = try dpkg.lock()
        #expect(try inspector.finalVerdict(for: request(path)).package == membership(isUnchanged: nil))
        #expect(try !inspector.finalVerdict(for: request(other)).isPackageKnown)
        lock.release()
        #expect(try inspector.finalVerdict(for: request(path)).package == membership(isUnchanged: false))
        #expect(try inspector.finalVerdict(for: request(other)).isPackageKnown)
    }
}
