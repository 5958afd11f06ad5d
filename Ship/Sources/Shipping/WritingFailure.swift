internal import Glibc

/// Why something cannot be written, and what to do about it, as the end of a sentence: `No space left on device: make room`.
func writingFailure(_ code: Int32) -> String {
    // strerror's text is valid until the next call on this thread.
    let meaning = unsafe String(cString: strerror(code))
    let advice =
        switch code {
        case ENOSPC, EDQUOT: ": make room"
        case EFBIG: ": tattle-ship's limit of a file's size (ulimit -f) is too low"
        case EACCES, EPERM, EROFS: ": let tattle-ship's user write there"
        case ENOENT, ENOTDIR: ": make its folder"
        case EISDIR: ": it is a folder; name a file in it"
        case ENXIO: ": it is a socket; --to - writes to whatever a shell connects it with"
        case ELOOP: ": it is a symbolic link; name the file that it leads to"
        default: ""
        }
    return meaning + advice
}
