/// What tells one content of one file from others, as its inode has it.
///
/// The kernel's, taken when the file was executed. A field that is 0 is not known, unless `changedNanoseconds`
/// is there: then all are, and a modification time of 0 is one (OSTree and Flatpak set it).
public struct FileStamp: Hashable, Sendable {
    /// The file system's device in the kernel's `dev_t`: major << 20 | minor.
    ///
    /// Only a hint: `stat` tells another one for btrfs and overlayfs.
    public var device: UInt64
    /// Number of the inode.
    public var inode: UInt64
    /// Length in bytes.
    public var size: UInt64
    /// `mtime`, nanoseconds since 1970: when the content was last changed, or what somebody set.
    public var modifiedNanoseconds: Int64
    /// `ctime`, nanoseconds since 1970: when the content, a mode, an owner or the number of links was last changed.
    ///
    /// Nobody can set it. The upper bit of the kernel's `i_ctime_nsec` is no part of it (since 6.13).
    public var changedNanoseconds: Int64

    /// Makes a stamp; all zeros: nothing is known.
    public init(
        device: UInt64 = 0, inode: UInt64 = 0, size: UInt64 = 0, modifiedNanoseconds: Int64 = 0,
        changedNanoseconds: Int64 = 0
    ) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.changedNanoseconds = changedNanoseconds
    }

    /// The device of `stat` in the kernel's layout; glibc's is that of makedev(3).
    public static func kernelDevice(_ device: UInt64) -> UInt64 {
        let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
        let minor = device & 0xff | (device >> 12) & ~0xff & 0xffff_ffff
        return major << 20 | minor
    }

    /// Whether it identifies a file by itself, without a process that runs it.
    public var isComplete: Bool { inode != 0 && changedNanoseconds != 0 }
}
