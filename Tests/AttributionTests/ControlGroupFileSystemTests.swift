internal import Foundation
internal import Testing

@testable internal import Attribution

/// A cgroup of the test's own with two below; gone with the value.
private final class OwnGroups {
    let files: ControlGroupFileSystem
    let root: String
    let name: String
    let names: [String]

    init() throws {
        root = try #require(ControlGroupFileSystem.mountPoint())
        files = try #require(ControlGroupFileSystem(root: root))
        name = "tattle-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        names = [name, "\(name)/docker-x (deleted)", "\(name)/docker-x (deleted)/\u{e9}\t\\"]
        for name in names {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: false)
        }
    }

    deinit { for name in names.reversed() { remove(name) } }

    func remove(_ name: String) {
        // The path lives for the call.
        _ = unsafe rmdir("\(root)/\(name)")
    }

    func id(_ name: String) throws -> UInt64 {
        var status = stat()
        // Fills `status`.
        try #require(unsafe lstat("\(root)/\(name)", &status) == 0)
        return UInt64(status.st_ino)
    }
}

/// Whether the hierarchy is mounted to write, which in a container of a runtime's it is not.
private let canMakeGroups: Bool = {
    guard let root = ControlGroupFileSystem.mountPoint() else { return false }
    // The path lives for the call.
    return unsafe geteuid() == 0 && access(root, W_OK) == 0
}()

/// CAP_DAC_READ_SEARCH is bit 2.
private let canOpenHandles: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:\t") }
    return UInt64(line?.dropFirst("CapEff:\t".count) ?? "", radix: 16).map { $0 & 1 << 2 != 0 } ?? false
}()

@Suite struct ControlGroupFileSystemTests {
    @Test(.enabled(if: canMakeGroups, "making cgroups needs root and cgroup v2"))
    func theInventoryHasEveryGroupWithItsInodeParentsFirst() throws {
        let own = try OwnGroups()
        let found = own.files.inventory()
        #expect(found.first?.path == [UInt8(ascii: "/")])
        #expect(Set(found.map(\.id)).count == found.count)
        let below = found.filter { $0.path.starts(with: "/\(own.name)".utf8) }
        #expect(below.map(\.path) == own.names.map { Array("/\($0)".utf8) })
        #expect(try below.map(\.id) == own.names.map(own.id))
    }

    @Test(
        .enabled(if: canMakeGroups, "making cgroups needs root and cgroup v2"),
        .enabled(if: canOpenHandles, "open_by_handle_at needs CAP_DAC_READ_SEARCH"))
    func anIdLeadsBackToItsPathUntilItIsRemoved() throws {
        let own = try OwnGroups()
        let ids = try own.names.map(own.id)
        #expect(ids.map(own.files.path) == own.names.map { Array("/\($0)".utf8) })
        #expect(try own.files.path(ofID: own.id("")) == [UInt8(ascii: "/")])
        own.remove(own.names[2])
        #expect(own.files.path(ofID: ids[2]) == nil)
        #expect(own.files.path(ofID: ids[1]) != nil)
    }

    @Test(.enabled(if: canMakeGroups, "making cgroups needs root and cgroup v2"))
    func anIdThatIsNoFoldersIsNil() throws {
        let own = try OwnGroups()
        #expect(own.files.path(ofID: 0) == nil && own.files.path(ofID: .max) == nil)
        #expect(try own.files.path(ofID: own.id("\(own.name)/cgroup.procs")) == nil)
    }

    @Test(.enabled(if: canMakeGroups, "making cgroups needs root and cgroup v2"))
    func whatTheKernelAddsToARemovedOnesPathIsLeftOut() throws {
        let own = try OwnGroups()
        let path = Array("\(own.root)/a (deleted)".utf8)
        #expect(own.files.relative(path, isThere: false) == Array("/a".utf8))
        #expect(own.files.relative(path, isThere: true) == Array("/a (deleted)".utf8))
        #expect(own.files.relative(Array("\(own.root)x/a".utf8), isThere: true) == nil)
        #expect(own.files.relative(Array("/elsewhere".utf8), isThere: true) == nil)
    }

    @Test(arguments: ["/", "/nonexistent", "/etc/passwd", ""])
    func whatIsNoHierarchyIsRefused(root: String) {
        #expect(ControlGroupFileSystem(root: root) == nil)
    }

    @Test(
        arguments: [
            ("31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n", nil, false),
            ("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", nil, false),
            ("41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup/unified", true),
            (
                "41 31 0:38 / /sys/fs/cgroup rw shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n", "/sys/fs/cgroup",
                true
            ),
            ("41 31 0:38 /docker/a /cg rw - cgroup2 cgroup2 rw\n", "/cg", false),
            ("41 31 0:38 / /a\\040b\\134c rw - cgroup2 none rw", "/a b\\c", true),
            ("41 31 0:38 / /a - cgroup2", nil, false), ("41 31 0:38 / /a rw -\n", nil, false), ("\n", nil, false),
        ] as [(String, String?, Bool)])
    func theMountPointIsReadFromItsLine(line: String, point: String?, isWhole: Bool) {
        let mount = ControlGroupFileSystem.parse(Array(line.utf8))
        #expect(mount?.point == point)
        #expect((mount?.isWhole ?? false) == isWhole)
    }

    @Test func theWholeHierarchyIsPreferredToAPart() throws {
        let path = NSTemporaryDirectory() + "tattle-mounts-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let part = "40 31 0:38 /docker/a /part rw - cgroup2 cgroup2 rw\n"
        try part.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(ControlGroupFileSystem.mountPoint(mountInfo: path) == "/part")
        let whole = "41 31 0:38 / /whole rw - cgroup2 cgroup2 rw\n42 31 0:38 / /second rw - cgroup2 cgroup2 rw\n"
        try (part + whole).write(toFile: path, atomically: true, encoding: .utf8)
        #expect(ControlGroupFileSystem.mountPoint(mountInfo: path) == "/whole")
        #expect(ControlGroupFileSystem.mountPoint(mountInfo: path + "-nonexistent") == nil)
    }
}
