internal import Glibc
internal import Model

/// What dpkg's database says of one file, put together before and after the file is read.
struct PackageFacts {
    private let database: PackageDatabase?
    private let entry: PackageDatabase.Entry?
    /// Whether the path leads to the file.
    let isAtPath: Bool
    /// Whether it may have been there before: of no name any more, as what an upgrade replaced, and its owner's who owns
    /// what is there now.
    private let isReplaced: Bool

    /// Asks for the path.
    ///
    /// After an upgrade, a process that was not restarted runs what was at its path before: nothing is said of
    /// that file then but whose path it was.
    init(_ packages: PackageDatabase?, of found: ExecutableSearch.Found, at key: FileKey) {
        let place = try? OpenFile(key.path, flags: OpenFile.place | O_NOFOLLOW)
        let status = try? place?.status()
        let there = status.map { FileStamp($0) }
        isAtPath = there.map { $0.device == found.stamp.device && $0.inode == found.stamp.inode } ?? false
        // Of a mount namespace of somebody's own it has the path that they wanted, also for a process outside of it.
        let ran = try? found.file.status()
        isReplaced = ran.map { $0.st_nlink == 0 && $0.st_uid == status?.st_uid ?? 0 } ?? false
        // Many services have mounts of their own and run this system's files; a container runs others.
        let isOurs = key.path.first == UInt8(ascii: "/") && (key.isInHostMountNamespace || isAtPath)
        database = isOurs ? packages : nil
        entry = database?.membership(ofPath: key.path)
    }

    /// The checksum to compare with; nil: none is needed.
    var md5: [UInt8]? { isAtPath ? entry?.md5 : nil }

    /// What follows from what was read; nil: nothing was.
    ///
    /// While dpkg is at work, its files may be new and its database old: nothing is held against a file then.
    /// - Returns: the package, whether that says something, and whether it will stay true.
    func conclusion(from content: FileContent?) -> (package: PackageMembership?, isKnown: Bool, isLasting: Bool) {
        guard let database else { return (nil, false, true) }
        let isAtRest = !database.isBeingChanged
        // A file that is no longer at its path may have been of a package that was removed.
        guard let entry else { return (nil, isAtRest && isAtPath, isAtRest) }
        guard isAtPath else {
            guard isReplaced else { return (nil, isAtRest, isAtRest) }
            return (PackageMembership(name: entry.name, version: nil, isUnchanged: nil), true, true)
        }
        var isUnchanged: Bool?
        if let expected = entry.md5, let md5 = content?.md5 {
            isUnchanged = md5 == expected ? true : isAtRest ? false : nil
        }
        let package = PackageMembership(name: entry.name, version: entry.version, isUnchanged: isUnchanged)
        return (package, true, isAtRest)
    }
}
