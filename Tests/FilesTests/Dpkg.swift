import Foundation
import Testing

@testable import Files

/// A database as dpkg would have written it, in a folder of the test's, and a file system beside it.
struct Dpkg {
    let folder: Folder

    /// `status`, and no package's files.
    init() throws {
        folder = try Folder()
        try folder.write(
            """
            Package: shell
            Status: install ok installed
            Architecture: amd64
            Version: 1:2.0-3
            Description: a shell
             Version: 9

            Package: library
            Status: install ok installed
            Architecture: i386
            Multi-Arch: same
            Version: 7i

            Package: library
            Architecture: amd64
            Multi-Arch: same
            Version: 7a

            Package: removed
            Status: deinstall ok config-files

            """, to: "dpkg/status")
        try folder.write("", to: "dpkg/lock")
        try FileManager.default.createDirectory(atPath: folder.file("dpkg/info"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder.file("root/usr"), withIntermediateDirectories: true)
    }

    /// Adds what one package brought.
    func add(_ package: String, files: [String], checksums: [String: String] = [:]) throws {
        // As dpkg does: under another name first, so that the folder's mtime moves.
        try folder.write(files.map { $0 + "\n" }.joined(), to: "dpkg/info/new")
        try replace(folder.file("dpkg/info/\(package).list"), with: folder.file("dpkg/info/new"))
        guard !checksums.isEmpty else { return }
        try folder.write(checksums.map { "\($1)  \($0.dropFirst())\n" }.joined(), to: "dpkg/info/\(package).md5sums")
    }

    /// Locks the database, as dpkg does while it is at work.
    func lock() throws -> DatabaseLock { try DatabaseLock(folder.file("dpkg/lock")) }

    func open() throws -> PackageDatabase {
        try #require(PackageDatabase(root: folder.file("dpkg"), fileSystemRoot: folder.file("root")))
    }
}

/// A lock that seems to be another process's.
final class DatabaseLock {
    private let handle: FileHandle

    init(_ path: String) throws {
        handle = try #require(FileHandle(forUpdatingAtPath: path))
        try #require(set(F_WRLCK) == 0)
    }

    /// Unlocks before it closes: a child that another test forks has the descriptor until it executes its program.
    func release() {
        #expect(set(F_UNLCK) == 0)
        try? handle.close()
    }

    private func set(_ type: Int32) -> Int32 {
        var region = flock()
        region.l_type = Int16(type)
        // F_OFD_SETLK: belongs to the descriptor, not to this process. `region` lives through the call.
        return unsafe fcntl(handle.fileDescriptor, 37, &region)
    }
}

extension PackageDatabase {
    func membership(_ path: String) -> Entry? { membership(ofPath: Array(path.utf8)) }
}
