internal import CLinux
internal import Glibc
internal import Model

/// The cgroup v2 hierarchy as its file system shows it: for those that were there before tattle.
///
/// A cgroup's id is its folder's inode number, on machines of 64 bits (kernfs, since 5.5).
public struct ControlGroupFileSystem: Sendable {
    /// How deep the inventory goes, the root's children being 1.
    public static let depthLimit = 64
    /// How many cgroups the inventory holds at most.
    public static let countLimit = 65_536

    private let root: String
    /// The root's path as the kernel writes it, without symbolic links.
    private let rootPath: [UInt8]

    /// Reads the hierarchy that is mounted at `root`; nil when that is no cgroup v2.
    ///
    /// Where only a part of it is mounted, or this process is in a cgroup namespace, paths are from that part's root.
    public init?(root: String) {
        let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard tattle_is_control_group(descriptor), let path = Self.path(ofDescriptor: descriptor) else { return nil }
        self.root = root
        self.rootPath = path
    }

    /// Reads the hierarchy where this process has it mounted; nil when it has not.
    public init?() {
        guard let root = Self.mountPoint() else { return nil }
        self.init(root: root)
    }

    /// Every cgroup that is there now, parents before their children.
    ///
    /// Symbolic links and other file systems are not entered. What cannot be read, or is over a limit, is left out.
    public func inventory() -> [(id: UInt64, path: [UInt8])] {
        let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var status = stat()
        // Fills `status`.
        guard unsafe fstat(descriptor, &status) == 0 else { return [] }
        let device = status.st_dev
        var found: [(id: UInt64, path: [UInt8])] = [(UInt64(status.st_ino), [UInt8(ascii: "/")])]
        var depths = [0]
        var next = 0
        while next < found.count {
            let (path, depth) = (found[next].path, depths[next])
            next += 1
            guard depth < Self.depthLimit else { continue }
            for child in Self.folders(in: path, below: descriptor, device: device) where found.count < Self.countLimit {
                found.append((child.id, (depth == 0 ? [] : path) + [UInt8(ascii: "/")] + child.name))
                depths.append(depth + 1)
            }
        }
        return found
    }

    /// The path of a cgroup from the root of the hierarchy; nil when it is gone or cannot be asked for.
    ///
    /// That takes CAP_DAC_READ_SEARCH: open_by_handle_at(2).
    public func path(ofID id: UInt64) -> [UInt8]? {
        let rootDescriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard rootDescriptor >= 0 else { return nil }
        defer { close(rootDescriptor) }
        let descriptor = tattle_control_group_open(rootDescriptor, id)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        // Fills `status`. The handle of another file than a folder, or of another hierarchy, opens nothing.
        guard unsafe fstat(descriptor, &status) == 0, UInt64(status.st_ino) == id,
            let path = Self.path(ofDescriptor: descriptor)
        else { return nil }
        return relative(path, isThere: Self.isThere(path, id: id))
    }

    /// The id of the cgroup at a path from the root of the hierarchy; nil: there is none.
    func id(ofPath path: [UInt8]) -> UInt64? {
        let whole = Array(root.utf8) + path + [0]
        let terminated = whole.map { CChar(bitPattern: $0) }
        var status = stat()
        // Ends in NUL, and lives for the call, which fills `status`.
        let result = unsafe terminated.withUnsafeBufferPointer { unsafe lstat($0.baseAddress!, &status) }
        return result == 0 ? UInt64(status.st_ino) : nil
    }

    private static func isThere(_ path: [UInt8], id: UInt64) -> Bool {
        let terminated = (path + [0]).map { CChar(bitPattern: $0) }
        var status = stat()
        // Ends in NUL, and lives for the call, which fills `status`.
        return unsafe terminated.withUnsafeBufferPointer { unsafe lstat($0.baseAddress!, &status) } == 0
            && UInt64(status.st_ino) == id
    }

    /// A path below the mount point, from the root of the hierarchy.
    ///
    /// - Parameter isThere: whether it is a path still; else d_path() added ` (deleted)` to it.
    func relative(_ path: [UInt8], isThere: Bool) -> [UInt8]? {
        let path = path[...]
        let prefix = rootPath == [UInt8(ascii: "/")] ? [] : rootPath
        guard path.starts(with: prefix) else { return nil }
        let rest = path.dropFirst(prefix.count)
        if rest.isEmpty { return [UInt8(ascii: "/")] }
        // Else outside of what is mounted here: "(unreachable)…", or a name that begins as the mount point.
        guard rest.first == UInt8(ascii: "/") else { return nil }
        return Array(isThere ? rest : rest.without(suffix: " (deleted)") ?? rest)
    }

    /// Where an open file is: readlink(2) of /proc/self/fd; nil when that is longer than `PATH_MAX`.
    private static func path(ofDescriptor descriptor: Int32) -> [UInt8]? {
        let path = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            // readlink writes at most the capacity and no NUL.
            let length = unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                unsafe readlink("/proc/self/fd/\(descriptor)", buffer.baseAddress!, buffer.count)
            }
            count = max(0, length)
        }
        return path.first == UInt8(ascii: "/") && path.count < Int(PATH_MAX) ? path : nil
    }

    /// The folders in a folder, given from the root of the hierarchy.
    private static func folders(
        in path: [UInt8], below root: Int32, device: dev_t
    ) -> [(id: UInt64, name: [UInt8])] {
        let terminated = ([UInt8(ascii: ".")] + path + [0]).map { CChar(bitPattern: $0) }
        // Ends in NUL, and lives for the call.
        let descriptor = unsafe terminated.withUnsafeBufferPointer { path in
            unsafe openat(root, path.baseAddress!, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard descriptor >= 0 else { return [] }
        var status = stat()
        // Fills `status`. After fdopendir, closedir closes the descriptor.
        guard unsafe fstat(descriptor, &status) == 0, status.st_dev == device,
            let directory = unsafe fdopendir(descriptor)
        else {
            close(descriptor)
            return []
        }
        defer { unsafe closedir(directory) }
        var folders: [(id: UInt64, name: [UInt8])] = []
        while let entry = unsafe readdir(directory) {
            // The entry is valid until the next readdir; kernfs gives every entry's type and id.
            guard unsafe Int32(entry.pointee.d_type) == Int32(DT_DIR) else { continue }
            let name = unsafe name(of: entry)
            guard name != [UInt8(ascii: ".")], name != Array("..".utf8) else { continue }
            folders.append((unsafe UInt64(entry.pointee.d_ino), name))
        }
        return folders
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            // d_name is NUL-terminated within the entry.
            unsafe Array(bytes.prefix { $0 != 0 })
        }
    }
}
