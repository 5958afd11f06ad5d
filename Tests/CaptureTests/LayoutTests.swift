internal import BPF
internal import CProbes
internal import Capture
internal import Testing

/// The layout of each record as BPF's compiler, C here and Swift see it.
@Suite struct LayoutTests {
    private struct Expected: CustomTestStringConvertible {
        var name: String
        var size: Int
        var offsets: [(String, Int?)]
        var testDescription: String { name }
    }

    private static let structures: [Expected] = [
        Expected(
            name: "tattle_header", size: MemoryLayout<tattle_header>.size,
            offsets: [
                ("type", MemoryLayout.offset(of: \tattle_header.type)),
                ("hook", MemoryLayout.offset(of: \tattle_header.hook)),
                ("length", MemoryLayout.offset(of: \tattle_header.length)),
                ("cpu", MemoryLayout.offset(of: \tattle_header.cpu)),
                ("sequence", MemoryLayout.offset(of: \tattle_header.sequence)),
                ("boot_ns", MemoryLayout.offset(of: \tattle_header.boot_ns)),
            ]),
        Expected(
            name: "tattle_attempt", size: MemoryLayout<tattle_attempt>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_attempt.header)),
                ("attempt_id", MemoryLayout.offset(of: \tattle_attempt.attempt_id)),
                ("started_boot_ns", MemoryLayout.offset(of: \tattle_attempt.started_boot_ns)),
                ("established_boot_ns", MemoryLayout.offset(of: \tattle_attempt.established_boot_ns)),
                ("process_start_boot_ns", MemoryLayout.offset(of: \tattle_attempt.process_start_boot_ns)),
                ("cgroup_id", MemoryLayout.offset(of: \tattle_attempt.cgroup_id)),
                ("socket_key", MemoryLayout.offset(of: \tattle_attempt.socket_key)),
                ("socket_generation", MemoryLayout.offset(of: \tattle_attempt.socket_generation)),
                ("capabilities", MemoryLayout.offset(of: \tattle_attempt.capabilities)),
                ("destination", MemoryLayout.offset(of: \tattle_attempt.destination)),
                ("source", MemoryLayout.offset(of: \tattle_attempt.source)),
                ("pid", MemoryLayout.offset(of: \tattle_attempt.pid)),
                ("tid", MemoryLayout.offset(of: \tattle_attempt.tid)),
                ("uid", MemoryLayout.offset(of: \tattle_attempt.uid)),
                ("netns_inode", MemoryLayout.offset(of: \tattle_attempt.netns_inode)),
                ("scope_id", MemoryLayout.offset(of: \tattle_attempt.scope_id)),
                ("error", MemoryLayout.offset(of: \tattle_attempt.error)),
                ("destination_port_be", MemoryLayout.offset(of: \tattle_attempt.destination_port_be)),
                ("source_port_be", MemoryLayout.offset(of: \tattle_attempt.source_port_be)),
                ("protocol", MemoryLayout.offset(of: \tattle_attempt.protocol)),
                ("family", MemoryLayout.offset(of: \tattle_attempt.family)),
                ("phase", MemoryLayout.offset(of: \tattle_attempt.phase)),
                ("outcome", MemoryLayout.offset(of: \tattle_attempt.outcome)),
                ("via", MemoryLayout.offset(of: \tattle_attempt.via)),
                ("blocked_by", MemoryLayout.offset(of: \tattle_attempt.blocked_by)),
                ("flags", MemoryLayout.offset(of: \tattle_attempt.flags)),
                ("bytes", MemoryLayout.offset(of: \tattle_attempt.bytes)),
                ("effective_uid", MemoryLayout.offset(of: \tattle_attempt.effective_uid)),
                ("effective_gid", MemoryLayout.offset(of: \tattle_attempt.effective_gid)),
                ("exec_id", MemoryLayout.offset(of: \tattle_attempt.exec_id)),
                ("process_flags", MemoryLayout.offset(of: \tattle_attempt.process_flags)),
                ("bound_interface", MemoryLayout.offset(of: \tattle_attempt.bound_interface)),
                ("refused_segments", MemoryLayout.offset(of: \tattle_attempt.refused_segments)),
                ("comm", MemoryLayout.offset(of: \tattle_attempt.comm)),
            ]),
        Expected(
            name: "tattle_close", size: MemoryLayout<tattle_close>.size,
            offsets: [
                ("attempt", MemoryLayout.offset(of: \tattle_close.attempt)),
                ("bytes_sent", MemoryLayout.offset(of: \tattle_close.bytes_sent)),
                ("bytes_received", MemoryLayout.offset(of: \tattle_close.bytes_received)),
                ("packets_sent", MemoryLayout.offset(of: \tattle_close.packets_sent)),
                ("packets_received", MemoryLayout.offset(of: \tattle_close.packets_received)),
                ("retransmits", MemoryLayout.offset(of: \tattle_close.retransmits)),
                ("reserved", MemoryLayout.offset(of: \tattle_close.reserved)),
            ]),
        Expected(
            name: "tattle_flow", size: MemoryLayout<tattle_flow>.size,
            offsets: [
                ("attempt_id", MemoryLayout.offset(of: \tattle_flow.attempt_id)),
                ("first_boot_ns", MemoryLayout.offset(of: \tattle_flow.first_boot_ns)),
                ("last_boot_ns", MemoryLayout.offset(of: \tattle_flow.last_boot_ns)),
                ("datagrams", MemoryLayout.offset(of: \tattle_flow.datagrams)),
                ("bytes", MemoryLayout.offset(of: \tattle_flow.bytes)),
                ("failures", MemoryLayout.offset(of: \tattle_flow.failures)),
                ("gap_min_ns", MemoryLayout.offset(of: \tattle_flow.gap_min_ns)),
                ("gap_max_ns", MemoryLayout.offset(of: \tattle_flow.gap_max_ns)),
                ("gap_square_sum_us2", MemoryLayout.offset(of: \tattle_flow.gap_square_sum_us2)),
                ("last_error", MemoryLayout.offset(of: \tattle_flow.last_error)),
                ("has_succeeded", MemoryLayout.offset(of: \tattle_flow.has_succeeded)),
                ("is_corked", MemoryLayout.offset(of: \tattle_flow.is_corked)),
            ]),
        Expected(
            name: "tattle_flow_end", size: MemoryLayout<tattle_flow_end>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_flow_end.header)),
                ("socket_key", MemoryLayout.offset(of: \tattle_flow_end.socket_key)),
                ("socket_generation", MemoryLayout.offset(of: \tattle_flow_end.socket_generation)),
                ("flow", MemoryLayout.offset(of: \tattle_flow_end.flow)),
                ("socket_died", MemoryLayout.offset(of: \tattle_flow_end.socket_died)),
                ("reserved", MemoryLayout.offset(of: \tattle_flow_end.reserved)),
            ]),
        Expected(
            name: "tattle_udp_socket", size: MemoryLayout<tattle_udp_socket>.size,
            offsets: [
                ("generation", MemoryLayout.offset(of: \tattle_udp_socket.generation)),
                ("destination", MemoryLayout.offset(of: \tattle_udp_socket.destination)),
                ("flow", MemoryLayout.offset(of: \tattle_udp_socket.flow)),
                ("destination_port_be", MemoryLayout.offset(of: \tattle_udp_socket.destination_port_be)),
                ("reserved", MemoryLayout.offset(of: \tattle_udp_socket.reserved)),
                ("inode", MemoryLayout.offset(of: \tattle_udp_socket.inode)),
                ("scope_id", MemoryLayout.offset(of: \tattle_udp_socket.scope_id)),
                ("sender", MemoryLayout.offset(of: \tattle_udp_socket.sender)),
            ]),
        Expected(
            name: "tattle_place", size: MemoryLayout<tattle_place>.size,
            offsets: [
                ("key", MemoryLayout.offset(of: \tattle_place.key)),
                ("claims", MemoryLayout.offset(of: \tattle_place.claims)),
                ("releases", MemoryLayout.offset(of: \tattle_place.releases)),
                ("has_displaced", MemoryLayout.offset(of: \tattle_place.has_displaced)),
            ]),
        Expected(
            name: "tattle_tcp_place", size: MemoryLayout<tattle_tcp_place>.size,
            offsets: [
                ("place", MemoryLayout.offset(of: \tattle_tcp_place.place)),
                ("attempt", MemoryLayout.offset(of: \tattle_tcp_place.attempt)),
            ]),
        Expected(
            name: "tattle_udp_place", size: MemoryLayout<tattle_udp_place>.size,
            offsets: [
                ("place", MemoryLayout.offset(of: \tattle_udp_place.place)),
                ("socket", MemoryLayout.offset(of: \tattle_udp_place.socket)),
            ]),
        Expected(
            name: "tattle_flow_key", size: MemoryLayout<tattle_flow_key>.size,
            offsets: [
                ("socket_generation", MemoryLayout.offset(of: \tattle_flow_key.socket_generation)),
                ("destination", MemoryLayout.offset(of: \tattle_flow_key.destination)),
                ("destination_port_be", MemoryLayout.offset(of: \tattle_flow_key.destination_port_be)),
                ("reserved", MemoryLayout.offset(of: \tattle_flow_key.reserved)),
                ("scope_id", MemoryLayout.offset(of: \tattle_flow_key.scope_id)),
                ("sender", MemoryLayout.offset(of: \tattle_flow_key.sender)),
                ("padding", MemoryLayout.offset(of: \tattle_flow_key.padding)),
            ]),
        Expected(
            name: "tattle_exec", size: MemoryLayout<tattle_exec>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_exec.header)),
                ("start_boot_ns", MemoryLayout.offset(of: \tattle_exec.start_boot_ns)),
                ("parent_start_boot_ns", MemoryLayout.offset(of: \tattle_exec.parent_start_boot_ns)),
                ("cgroup_id", MemoryLayout.offset(of: \tattle_exec.cgroup_id)),
                ("args_total", MemoryLayout.offset(of: \tattle_exec.args_total)),
                ("inode", MemoryLayout.offset(of: \tattle_exec.inode)),
                ("file_size", MemoryLayout.offset(of: \tattle_exec.file_size)),
                ("modified_ns", MemoryLayout.offset(of: \tattle_exec.modified_ns)),
                ("changed_ns", MemoryLayout.offset(of: \tattle_exec.changed_ns)),
                ("capabilities", MemoryLayout.offset(of: \tattle_exec.capabilities)),
                ("device", MemoryLayout.offset(of: \tattle_exec.device)),
                ("pid", MemoryLayout.offset(of: \tattle_exec.pid)),
                ("parent_pid", MemoryLayout.offset(of: \tattle_exec.parent_pid)),
                ("uid", MemoryLayout.offset(of: \tattle_exec.uid)),
                ("effective_uid", MemoryLayout.offset(of: \tattle_exec.effective_uid)),
                ("gid", MemoryLayout.offset(of: \tattle_exec.gid)),
                ("effective_gid", MemoryLayout.offset(of: \tattle_exec.effective_gid)),
                ("login_uid", MemoryLayout.offset(of: \tattle_exec.login_uid)),
                ("audit_session", MemoryLayout.offset(of: \tattle_exec.audit_session)),
                ("session_leader_pid", MemoryLayout.offset(of: \tattle_exec.session_leader_pid)),
                ("tty_device", MemoryLayout.offset(of: \tattle_exec.tty_device)),
                ("exec_id", MemoryLayout.offset(of: \tattle_exec.exec_id)),
                ("vpid", MemoryLayout.offset(of: \tattle_exec.vpid)),
                ("netns_inode", MemoryLayout.offset(of: \tattle_exec.netns_inode)),
                ("pidns_inode", MemoryLayout.offset(of: \tattle_exec.pidns_inode)),
                ("mntns_inode", MemoryLayout.offset(of: \tattle_exec.mntns_inode)),
                ("userns_inode", MemoryLayout.offset(of: \tattle_exec.userns_inode)),
                ("flags", MemoryLayout.offset(of: \tattle_exec.flags)),
                ("path_length", MemoryLayout.offset(of: \tattle_exec.path_length)),
                ("folder_length", MemoryLayout.offset(of: \tattle_exec.folder_length)),
                ("script_length", MemoryLayout.offset(of: \tattle_exec.script_length)),
                ("variables_length", MemoryLayout.offset(of: \tattle_exec.variables_length)),
                ("args_length", MemoryLayout.offset(of: \tattle_exec.args_length)),
                ("file_mode", MemoryLayout.offset(of: \tattle_exec.file_mode)),
                ("reserved", MemoryLayout.offset(of: \tattle_exec.reserved)),
                ("comm", MemoryLayout.offset(of: \tattle_exec.comm)),
            ]),
        Expected(
            name: "tattle_fork", size: MemoryLayout<tattle_fork>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_fork.header)),
                ("start_boot_ns", MemoryLayout.offset(of: \tattle_fork.start_boot_ns)),
                ("parent_start_boot_ns", MemoryLayout.offset(of: \tattle_fork.parent_start_boot_ns)),
                ("forker_start_boot_ns", MemoryLayout.offset(of: \tattle_fork.forker_start_boot_ns)),
                ("pid", MemoryLayout.offset(of: \tattle_fork.pid)),
                ("parent_pid", MemoryLayout.offset(of: \tattle_fork.parent_pid)),
                ("forker_pid", MemoryLayout.offset(of: \tattle_fork.forker_pid)),
                ("vpid", MemoryLayout.offset(of: \tattle_fork.vpid)),
                ("netns_inode", MemoryLayout.offset(of: \tattle_fork.netns_inode)),
                ("pidns_inode", MemoryLayout.offset(of: \tattle_fork.pidns_inode)),
                ("mntns_inode", MemoryLayout.offset(of: \tattle_fork.mntns_inode)),
                ("userns_inode", MemoryLayout.offset(of: \tattle_fork.userns_inode)),
                ("exec_id", MemoryLayout.offset(of: \tattle_fork.exec_id)),
                ("reserved", MemoryLayout.offset(of: \tattle_fork.reserved)),
            ]),
        Expected(
            name: "tattle_exit", size: MemoryLayout<tattle_exit>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_exit.header)),
                ("start_boot_ns", MemoryLayout.offset(of: \tattle_exit.start_boot_ns)),
                ("pid", MemoryLayout.offset(of: \tattle_exit.pid)),
                ("exit_code", MemoryLayout.offset(of: \tattle_exit.exit_code)),
            ]),
        Expected(
            name: "tattle_cgroup", size: MemoryLayout<tattle_cgroup>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_cgroup.header)),
                ("cgroup_id", MemoryLayout.offset(of: \tattle_cgroup.cgroup_id)),
                ("is_removed", MemoryLayout.offset(of: \tattle_cgroup.is_removed)),
                ("path_length", MemoryLayout.offset(of: \tattle_cgroup.path_length)),
            ]),
        Expected(
            name: "tattle_module", size: MemoryLayout<tattle_module>.size,
            offsets: [
                ("header", MemoryLayout.offset(of: \tattle_module.header)),
                ("module", MemoryLayout.offset(of: \tattle_module.module)),
                ("reserved", MemoryLayout.offset(of: \tattle_module.reserved)),
            ]),
        Expected(
            name: "tattle_hook_counters", size: MemoryLayout<tattle_hook_counters>.size,
            offsets: [
                ("sequence", MemoryLayout.offset(of: \tattle_hook_counters.sequence)),
                ("stand_ins", MemoryLayout.offset(of: \tattle_hook_counters.stand_ins)),
                ("lost", MemoryLayout.offset(of: \tattle_hook_counters.lost)),
            ]),
        Expected(
            name: "tattle_cpu_state", size: MemoryLayout<tattle_cpu_state>.size,
            offsets: [
                ("map_full", MemoryLayout.offset(of: \tattle_cpu_state.map_full)),
                ("untold_frames", MemoryLayout.offset(of: \tattle_cpu_state.untold_frames)),
                ("unseen_ends", MemoryLayout.offset(of: \tattle_cpu_state.unseen_ends)),
                ("is_used", MemoryLayout.offset(of: \tattle_cpu_state.is_used)),
                ("is_busy", MemoryLayout.offset(of: \tattle_cpu_state.is_busy)),
                ("hook", MemoryLayout.offset(of: \tattle_cpu_state.hook)),
            ]),
    ]

    @Test(arguments: HookSet.allCases, structures.indices)
    func theObjectsTypesAreWhatSwiftReads(hookSet: HookSet, index: Int) throws {
        let expected = Self.structures[index]
        let found = try #require(try hookSet.layout(ofStruct: expected.name), "\(expected.name) is not in BTF")
        #expect(found.size == expected.size)
        #expect(found.members.map(\.name) == expected.offsets.map(\.0))
        #expect(found.members.map(\.offset) == expected.offsets.map(\.1))
    }

    @Test func noStructureIsPadded() {
        #expect(MemoryLayout<tattle_attempt>.size == MemoryLayout<tattle_attempt>.stride)
        #expect(MemoryLayout<tattle_attempt>.offset(of: \.comm) == MemoryLayout<tattle_attempt>.size - 16)
        #expect(MemoryLayout<tattle_exec>.offset(of: \.comm) == MemoryLayout<tattle_exec>.size - 16)
        #expect(MemoryLayout<tattle_header>.size == 24)
    }
}
