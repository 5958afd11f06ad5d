# What TOOL's output tells of attempts, one a line: pid, name of the process, address, port, outcome.
# The outcome is "established", "success", an errno's name, "ended" (it failed, not how) or "-".
# The name of a process may hold spaces, so what is behind it is counted from the line's end.

BEGIN { OFS = "\t" }

function name(from, to,    i, result) {
    for (i = from; i <= to; i++) result = result (i > from ? " " : "") $i
    return result
}

function sighting(pid, comm, address, port, outcome) {
    print pid, comm == "" ? "-" : comm, canonical(address), port, outcome
}

# PID COMM IP SADDR DADDR DPORT: of connects that were begun. No outcome.
tool == "tcpconnect" && $1 ~ /^[0-9]+$/ { sighting($1, name(2, NF - 4), $(NF - 1), $NF, "-") }

# TIME PID COMM SADDR SPORT DADDR DPORT: of SYNs to be sent. No outcome.
tool == "bpftrace" && $1 ~ /^[0-9]+:[0-9]+:[0-9]+$/ { sighting($2, name(3, NF - 4), $(NF - 1), $NF, "-") }

# T PID COMM IP SADDR DADDR SPORT DPORT. C: established. X: closed, which tells of an attempt too when no
# C went before it, and nothing of its outcome.
tool == "tcptracer" && $1 == "C" {
    opened[$2, $(NF - 2), $(NF - 1), $NF] = 1
    sighting($2, name(3, NF - 5), $(NF - 2), $NF, "established")
}
tool == "tcptracer" && $1 == "X" && !(($2, $(NF - 2), $(NF - 1), $NF) in opened) {
    sighting($2, name(3, NF - 5), $(NF - 2), $NF, "-")
}

# SKADDR PID COMM IP LADDR LPORT RADDR RPORT OLD -> NEW MS: CLOSE -> SYN_SENT is the attempt, with its
# process, and the same socket's next change is what came of it.
tool == "tcpstates" && $(NF - 2) == "->" {
    if ($(NF - 3) == "CLOSE" && $(NF - 1) == "SYN_SENT") {
        attempts++
        of_socket[$1] = attempts
        began[attempts] = $2 OFS name(3, NF - 9) OFS canonical($(NF - 5)) OFS $(NF - 4)
        outcome[attempts] = "-"
    } else if ($(NF - 3) == "SYN_SENT" && ($1 in of_socket)) {
        outcome[of_socket[$1]] = $(NF - 1) == "CLOSE" ? "ended" : "established"
        delete of_socket[$1]
    }
}

# The records of one system call have the same serial number: SYSCALL (or URINGOP) with process and result,
# SOCKADDR with the address as the kernel got it, in hexadecimal.
tool == "auditd" && /^type=(SYSCALL|URINGOP) / && match($0, /audit\([0-9.:]+\)/) {
    serial = substr($0, RSTART, RLENGTH)
    order[++calls] = serial
    pid_of[serial] = value("pid")
    comm_of[serial] = value("comm")
    exit_of[serial] = value("exit")
    # socketcall has its number in the place of the descriptor.
    if (!/ arch=40000003 syscall=102 /) descriptor_of[serial] = value("a0")
    is_connect[serial] = / arch=c000003e syscall=42 | arch=40000003 syscall=362 /
}
tool == "auditd" && /^type=SOCKADDR / && match($0, /audit\([0-9.:]+\)/) {
    serial = substr($0, RSTART, RLENGTH)
    address_of[serial] = value("saddr")
}

function value(key) {
    if (!match($0, "(^| )" key "=[^ ]*")) return ""
    return substr($0, RSTART + length(key) + ($0 ~ "^" key "=" ? 1 : 2), RLENGTH - length(key) - ($0 ~ "^" key "=" ? 1 : 2))
}

function error_name(number,    numbers, names, count, i) {
    count = split("1 4 5 6 11 12 13 19 22 32 90 95 97 98 99 100 101 103 104 105 106 107 110 111 112 113 114 115 512", numbers, " ")
    split("EPERM EINTR EIO ENXIO EAGAIN ENOMEM EACCES ENODEV EINVAL EPIPE EMSGSIZE EOPNOTSUPP EAFNOSUPPORT " \
        "EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN " \
        "ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS EINTR", names, " ")
    for (i = 1; i <= count; i++) if (numbers[i] == number) return names[i]
    return "errno " number
}

# A send without an address, on a descriptor that the process has connected, goes there.
function find_address(serial,    key) {
    key = pid_of[serial] SUBSEP descriptor_of[serial]
    if (descriptor_of[serial] == "") return
    if (serial in address_of) {
        if (is_connect[serial]) connected[key] = address_of[serial]
    } else if (key in connected) address_of[serial] = connected[key]
}

function report_call(serial,    hex, what, mac, i) {
    hex = tolower(address_of[serial])
    what = exit_of[serial] >= 0 ? "success" : error_name(-exit_of[serial])
    gsub(/"/, "", comm_of[serial])
    if (hex ~ /^0200/)
        print pid_of[serial], comm_of[serial], settled(substr(hex, 9, 8)), from_hex(substr(hex, 5, 4)), what
    else if (hex ~ /^0a00/)
        print pid_of[serial], comm_of[serial], settled(substr(hex, 17, 32)), from_hex(substr(hex, 5, 4)), what
    else if (hex ~ /^1100/) {
        for (i = 25; i < 37; i += 2) mac = mac (i > 25 ? "-" : "") toupper(substr(hex, i, 2))
        print pid_of[serial], comm_of[serial], "mac:" mac, 0, what
    } else if (hex ~ /^2800/)
        print pid_of[serial], comm_of[serial], "vsock:" from_hex(swapped(substr(hex, 17, 8))),
            from_hex(swapped(substr(hex, 9, 8))), what
}

END {
    for (i = 1; i <= attempts; i++) print began[i], outcome[i]
    for (i = 1; i <= calls; i++) {
        find_address(order[i])
        if (order[i] in address_of) report_call(order[i])
    }
}
