/// The ids of the last few processes that were seen, each once, the newest last.
///
/// Without an array: it is asked for every attempt.
struct RecentProcesses {
    /// 0 where there is none yet.
    private var pids = SIMD4<UInt32>()

    /// They, the newest last.
    var all: [UInt32] { (0..<pids.scalarCount).map { pids[$0] }.filter { $0 != 0 } }

    /// Takes one that was seen now; the oldest is forgotten for a new one.
    @inline(__always)
    mutating func note(_ pid: UInt32) {
        guard pids[3] != pid else { return }
        // What is newer than its old place moves up.
        let place = pids[2] == pid ? 2 : pids[1] == pid ? 1 : 0
        if place == 0 { pids[0] = pids[1] }
        if place <= 1 { pids[1] = pids[2] }
        pids[2] = pids[3]
        pids[3] = pid
    }
}
