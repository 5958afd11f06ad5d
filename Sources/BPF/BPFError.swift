internal import CLibbpf
internal import Glibc

/// What libbpf or the kernel refused, and what it said about it.
public struct BPFError: Error, Sendable, CustomStringConvertible {
    /// What was attempted, as in "load program 'on_syn'".
    public let operation: String
    /// A positive errno, or one of libbpf's own codes from 4000.
    public let code: Int32
    /// The last lines that libbpf logged about it; the verifier's verdict is among them.
    public let log: [String]

    /// Makes an error from a −errno or −code as libbpf returns it, taking what was logged since.
    init(_ operation: String, result: Int32) {
        self.operation = operation
        self.code = abs(result)
        self.log = LibbpfLog.take()
    }

    /// Makes an error for something that is not there.
    public init(missing operation: String, code: Int32) {
        self.operation = operation
        self.code = code
        self.log = []
    }

    /// The code in words.
    public var reason: String {
        // libbpf_strerror writes at most the given size, NUL included.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            _ = unsafe libbpf_strerror(code, buffer.baseAddress, buffer.count)
            return unsafe String(cString: buffer.baseAddress!)
        }
    }

    /// One line: what was attempted and why it failed.
    public var description: String { "cannot \(operation): \(reason)" }

    /// Whether the kernel refused for want of permission.
    public var isPermission: Bool { code == EPERM || code == EACCES }
}

extension BPFError {
    /// Throws when a call that returns 0 or −errno failed.
    static func check(_ operation: @autoclosure () -> String, _ result: Int32) throws(BPFError) {
        if result < 0 { throw BPFError(operation(), result: result) }
    }
}
