internal import Glibc

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

    /// The stamp of a file that is open.
    init(_ status: stat) {
        self.init(
            device: Self.kernelDevice(UInt64(status.st_dev)), inode: UInt64(status.st_ino),
            size: UInt64(clamping: status.st_size), modifiedNanoseconds: Self.nanoseconds(status.st_mtim),
            changedNanoseconds: Self.nanoseconds(status.st_ctim))
    }

    /// Whether it identifies a file by itself, without a process that runs it.
    var isComplete: Bool { inode != 0 && changedNanoseconds != 0 }

    /// Whether a change of the file from now on would change its stamp.
    ///
    /// The clock of inodes ticks every 10 ms at the longest: two changes in one tick have the same ctime (up to 6.12).
    var isSettled: Bool {
        var time = timespec()
        // `time` lives through the call; this clock always exists.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        let age = Self.nanoseconds(time) &- changedNanoseconds
        return age < 0 || age > 20_000_000
    }

    /// How the file that is open relates to the one that was executed.
    /// - Parameter isOfProcess: whether the kernel says that the process runs it; otherwise only the path is the same.
    func comparison(with other: FileStamp, isOfProcess: Bool) -> Comparison {
        guard isComplete || isOfProcess else { return .other }
        func agrees(_ mine: Int64, _ theirs: Int64) -> Bool { mine == theirs || mine == 0 && !isComplete }
        let isSameInode = inode == other.inode || inode == 0
        let isSameContent =
            agrees(Int64(clamping: size), Int64(clamping: other.size))
            && agrees(modifiedNanoseconds, other.modifiedNanoseconds)
        let isSameChange = isComplete && changedNanoseconds == other.changedNanoseconds
        if isOfProcess {
            // A link that comes or goes moves ctime and no content. Where stat tells another number, ctime decides.
            if isSameContent, isSameInode || isSameChange { return .same }
            // The same number on another device is another file, or one on btrfs: its path will tell.
            return isSameInode && inode != 0 && device == other.device ? .changed : .other
        }
        guard isSameInode else { return .other }
        if isSameContent, isSameChange { return .same }
        // Nothing but ctime differs: the content may have been put back, or not. Not to be known.
        return isSameContent ? .other : .changed
    }

    /// How two stamps relate.
    enum Comparison: Hashable {
        /// One file, one content.
        case same
        /// One file, another content.
        case changed
        /// Another file, or not to be told.
        case other
    }

    /// `st_dev` in the kernel's layout; glibc's is that of makedev(3).
    static func kernelDevice(_ device: UInt64) -> UInt64 {
        let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
        let minor = device & 0xff | (device >> 12) & ~0xff & 0xffff_ffff
        return major << 20 | minor
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
