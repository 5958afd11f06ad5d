/// What a self-test came to: attempts made on purpose, and whether each was seen as what it was.
public struct SelfTestReport: Hashable, Sendable {
    /// A kind that was not seen, or not right.
    public struct Failure: Hashable, Sendable {
        /// The kind's name, as in `tcp4-refused`.
        public var kind: String
        /// What is wrong, in words.
        public var problem: String

        /// Makes a failure.
        public init(kind: String, problem: String) {
            self.kind = kind
            self.problem = problem
        }
    }

    /// Kinds that were seen once and right.
    public var passed: Int
    /// Kinds that were not.
    public var failed: [Failure]
    /// Kinds that this hook set does not see here, and says so: no failures.
    public var notCovered: [String]
    /// Kinds that this kernel does not have, or does not allow.
    public var notAvailable: [String]
    /// Why nothing could be tested; nil: it could.
    public var problem: String?

    /// Makes a report.
    public init(
        passed: Int = 0, failed: [Failure] = [], notCovered: [String] = [], notAvailable: [String] = [],
        problem: String? = nil
    ) {
        self.passed = passed
        self.failed = failed
        self.notCovered = notCovered
        self.notAvailable = notAvailable
        self.problem = problem
    }

    /// Whether everything that could be tested was right.
    public var isPassed: Bool { failed.isEmpty && problem == nil }

    /// What failed, in one line; nil: nothing did.
    public var complaint: String? {
        if let problem { return "self-test not made: \(problem)" }
        guard !failed.isEmpty else { return nil }
        return "self-test: \(failed.count) of \(failed.count + passed) kinds failed: "
            + failed.map { "\($0.kind) (\($0.problem))" }.joined(separator: ", ")
    }
}
