internal import Glibc
internal import Model

extension FileStamp {
    /// The stamp of a file that is open.
    init(_ status: stat) {
        self.init(
            device: Self.kernelDevice(UInt64(status.st_dev)), inode: UInt64(status.st_ino),
            size: UInt64(clamping: status.st_size), modifiedNanoseconds: Self.nanoseconds(status.st_mtim),
            changedNanoseconds: Self.nanoseconds(status.st_ctim))
    }

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

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
