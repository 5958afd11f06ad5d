internal import CLibbpf
internal import Glibc

extension RingBuffer {
    /// Makes a ring buffer of one page and lets it go.
    ///
    /// - Throws: ``BPFError``: EINVAL where the kernel has none (before 5.8), EPERM without the right to.
    public static func attempt() throws(BPFError) {
        let page = UInt32(sysconf(Int32(_SC_PAGESIZE)))
        let descriptor = unsafe bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tattle_try", 0, 0, page, nil)
        try BPFError.check("make a ring buffer", descriptor)
        close(descriptor)
    }
}
