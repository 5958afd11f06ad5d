internal import Foundation

/// What a record of an attempt has to get right.
enum Facet: String, CaseIterable {
    /// There is a record.
    case recorded
    /// There is no second one, and none of anything else.
    case once
    /// Transport, address, port, network type, scope, interface.
    case destination
    /// Process, thread, program, arguments.
    case process
    /// Result and errno, at once or later, and the end of the flow or connection.
    case outcome
    /// How it was made.
    case via
    /// Who stood in the way.
    case blocker = "blocked_by"
}

/// What one hook set made of one kind of attempt: what is wrong, facet by facet.
struct Verdict {
    private(set) var problems: [(facet: Facet, text: String)] = []
    /// The kind's process.
    private let pid: Int32

    private mutating func expect(_ facet: Facet, _ condition: Bool, _ text: @autoclosure () -> String) {
        if !condition { problems.append((facet, text())) }
    }

    /// Compares what was recorded of the kind's processes with the truth.
    init(_ records: [Record], _ truth: Truth) {
        pid = truth.pid
        let attempts = records.attempts
        expect(.once, attempts.count <= truth.attempts.count, "\(attempts.map(\.summary))")
        for attempt in truth.attempts {
            let matching = attempts.filter(attempt.matches)
            expect(.once, matching.count <= 1, "\(matching.count) records")
            guard let first = matching.first else {
                expect(.recorded, false, "none of \(attempt.summary), but \(attempts.map(\.summary))")
                continue
            }
            let rest = records.filter { $0.attemptID == first.attemptID && $0.event.id != first.event.id }
            checkPlace(first, attempt)
            checkProcess(first, attempt, kind: truth.kind)
            checkEnd(first, rest.resolutions, attempt)
            checkDisconnect(rest.disconnects, attempt)
        }
        let ids = Set(attempts.map(\.attemptID))
        expect(.once, records.allSatisfy { ids.contains($0.attemptID) }, "a record belongs to no attempt")
    }

    private mutating func checkPlace(_ record: Record, _ truth: Truth.Attempt) {
        let type = truth.network_type ?? (truth.ip.contains(":") ? "ipv6" : "ipv4")
        expect(.destination, record.network?.type ?? "" == type, "type \(record.network?.type ?? "-"), not \(type)")
        expect(.destination, record.network?.direction == "egress", "direction")
        if let number = truth.iana_number {
            expect(
                .destination, record.network?.iana_number == "\(number)",
                "protocol \(record.network?.iana_number ?? "-")")
        }
        expect(
            .destination, record.tattle?.destination?.scope ?? "" == truth.scope ?? "",
            "scope, not \(truth.scope ?? "")")
        expect(
            .destination, record.tattle?.socket?.interface_index == truth.interface_index,
            "interface \(record.tattle?.socket?.interface_index ?? 0)")
        if let ip = truth.source_ip, truth.source_port != nil {
            expect(.destination, record.source?.ip == ip, "source \(record.source?.ip ?? "-")")
        }
        if let port = truth.source_port {
            expect(.destination, record.source?.port == UInt32(port), "source port \(record.source?.port ?? 0)")
        }
        // Some of what the kernel sends for a program it sends in the program's own call.
        let isOwn = truth.is_kernels == true && record.tattle?.via == "syscall" && record.process?.pid == pid
        let via = isOwn ? "syscall" : truth.via ?? "syscall"
        expect(.via, record.tattle?.via == via, "\(record.tattle?.via ?? "-"), not \(via)")
    }

    private mutating func checkProcess(_ record: Record, _ truth: Truth.Attempt, kind: String) {
        guard truth.is_kernels != true else { return }
        let process = record.process
        expect(.process, process?.pid == truth.pid, "pid \(process?.pid ?? 0)")
        if truth.is_any_thread != true {
            expect(.process, process?.thread.id == truth.tid, "thread \(process?.thread.id ?? 0)")
            expect(.process, process?.thread.name == truth.thread_name, "thread \(process?.thread.name ?? "-")")
        }
        expect(.process, process?.executable == Kernel.attempts, "executable \(process?.executable ?? "-")")
        expect(.process, process?.args == ["attempts", kind], "arguments \(process?.args ?? [])")
        expect(.process, process?.name == Kernel.attemptsName, "name \(process?.name ?? "-")")
        expect(.process, process?.entity_id != nil && process?.start != nil, "no start")
        expect(.process, process?.parent?.executable == Kernel.attempts, "parent \(process?.parent?.executable ?? "-")")
        expect(.process, record.user?.id == "0", "user \(record.user?.id ?? "-")")
        expect(.process, record.tattle?.attribution?.source == "kernel", "source")
    }

    /// The outcome: with the attempt, or, when it came late, in one record that follows.
    private mutating func checkEnd(_ first: Record, _ resolutions: [Record], _ truth: Truth.Attempt) {
        if let later = truth.later_error {
            expect(.outcome, first.result == "sent" && first.event.outcome == "success", "\(first.result ?? "-")")
            expect(.outcome, resolutions.map(\.error?.code) == [later], "no later \(later)")
            expect(.outcome, resolutions.first?.event.outcome == "failure", "no failure")
            return
        }
        let isLate = truth.is_late || (truth.is_any_time && first.result == "pending")
        expect(
            .outcome, resolutions.count == (isLate ? 1 : 0),
            "\(resolutions.count) resolutions after \(first.result ?? "-")")
        if isLate {
            let isOpen = first.result == "pending" && first.event.outcome == "unknown" && first.error == nil
            expect(.outcome, isOpen, "\(first.result ?? "-") at once")
        }
        let last = isLate ? resolutions.first : first
        expect(.outcome, last?.result == truth.result, "\(last?.result ?? "-"), not \(truth.result)")
        expect(.outcome, last?.error?.code == truth.error, "\(last?.error?.code ?? "-"), not \(truth.error ?? "-")")
        let isSuccess = truth.result == "established" || truth.result == "sent"
        let outcome = truth.result == "pending" ? "unknown" : isSuccess ? "success" : "failure"
        expect(.outcome, last?.event.outcome == outcome, "\(last?.event.outcome ?? "-"), not \(outcome)")
        let blocker = last?.tattle?.blocked_by
        if truth.is_blocker_hidden != true || blocker != nil {
            expect(.blocker, blocker == truth.blocked_by, "\(blocker ?? "-"), not \(truth.blocked_by ?? "-")")
        }
    }

    private mutating func checkDisconnect(_ disconnects: [Record], _ truth: Truth.Attempt) {
        expect(.outcome, disconnects.count == (truth.has_disconnect ? 1 : 0), "\(disconnects.count) ends")
        guard truth.has_disconnect, let end = disconnects.first else { return }
        expect(.outcome, end.event.duration != nil, "no duration")
        if let flow = end.tattle?.flow {
            // What the kernel segments (GSO) is one send here.
            let datagrams = min(truth.datagrams, truth.sends ?? truth.datagrams)
            expect(.outcome, end.source?.bytes == truth.bytes_sent, "\(end.source?.bytes ?? 0) bytes sent")
            expect(.outcome, flow.datagrams == datagrams, "\(flow.datagrams) datagrams, not \(datagrams)")
            expect(.outcome, flow.failures == truth.failures, "\(flow.failures) failures")
        } else if truth.transport == "tcp", truth.via != "mptcp" {
            expect(.outcome, end.source?.bytes == truth.bytes_sent, "\(end.source?.bytes ?? 0) bytes sent")
            expect(
                .outcome, end.destination?.bytes == truth.bytes_received,
                "\(end.destination?.bytes ?? 0) bytes received")
        }
    }
}

extension Truth.Attempt {
    /// Whether a record is of this attempt, by where it went to.
    func matches(_ record: Record) -> Bool {
        record.network?.transport ?? "" == transport && record.destination?.ip ?? "" == ip
            && record.destination?.port ?? 0 == port && record.destination?.mac ?? "" == mac ?? ""
            && (address ?? "" == "" || record.destination?.address == address)
            && (is_kernels == true ? record.tattle?.netns == netns : record.process?.pid == pid)
    }

    /// One line for a person who reads a failed test.
    var summary: String { "\(transport) \(ip)\(mac ?? "")\(address ?? "") \(port) \(result)" }
}

extension Record {
    /// One line for a person who reads a failed test.
    var summary: String {
        let address = destination?.ip ?? destination?.address ?? ""
        let place = "\(network?.transport ?? network?.type ?? "") \(address) \(destination?.port ?? 0)"
        return
            "\(event.action) \(place) \(result ?? "") \(error?.code ?? "") pid \(process?.pid ?? 0) \(process?.args ?? [])"
    }
}
