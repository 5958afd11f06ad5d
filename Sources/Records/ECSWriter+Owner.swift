import Model

/// With whose rights, and where: users, groups, containers.
extension ECSWriter {
    /// Appends, within `process`, the users and groups that it runs as.
    func credentials(_ attempt: Attempt, _ credentials: Credentials, into buffer: inout LineBuffer) {
        user("real_user", attempt.userID, into: &buffer)
        user("user", attempt.effectiveUserID, into: &buffer)
        if let group = credentials.groupID { self.group("real_group", group, into: &buffer) }
        if let group = attempt.effectiveGroupID ?? credentials.effectiveGroupID {
            self.group("group", group, into: &buffer)
        }
    }

    /// Appends what stands beside `process`: user, group, container.
    func owner(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        user("user", attempt.userID, into: &buffer)
        if let group = attribution.process.surroundings.credentials.groupID {
            self.group("group", group, into: &buffer)
        }
        if let container = attribution.group?.container {
            buffer.literal(",\"container\":{\"id\":\"")
            buffer.text(container.id)
            if let runtime = container.runtime {
                buffer.literal("\",\"runtime\":\"")
                buffer.text(runtime)
            }
            buffer.literal("\"}")
        }
        if let pod = attribution.group?.podUID {
            buffer.literal(",\"kubernetes\":{\"pod\":{\"uid\":\"")
            buffer.text(pod)
            buffer.literal("\"}}")
        }
    }

    /// Appends, within `tattle`, the network namespace, the control group, the systemd unit and slice.
    func place(_ attempt: Attempt, _ attribution: Attribution, into buffer: inout LineBuffer) {
        networkNamespace(attempt, into: &buffer)
        if attempt.cgroupID != 0 {
            // A string: a number over 2⁵³ does not survive every JSON reader.
            buffer.literal(",\"cgroup\":{\"id\":\"")
            buffer.decimal(attempt.cgroupID)
            buffer.byte(UInt8(ascii: "\""))
            if let path = attribution.group?.path { buffer.member("path", path: path, limit: Limit.groupPath) }
            buffer.byte(UInt8(ascii: "}"))
        }
        if let unit = attribution.group?.unit { buffer.member("unit", text: unit) }
        if let slice = attribution.group?.slice { buffer.member("slice", text: slice) }
    }

    /// Appends, within `tattle`, the network namespace.
    func networkNamespace(_ attempt: Attempt, into buffer: inout LineBuffer) {
        guard attempt.networkNamespace != 0 else { return }
        buffer.literal(",\"netns\":")
        buffer.decimal(attempt.networkNamespace)
    }

    /// Appends a user by id and, where there is one, name.
    func user(_ member: StaticString, _ userID: UInt32, into buffer: inout LineBuffer) {
        buffer.literal(",\"")
        buffer.literal(member)
        buffer.literal("\":{\"id\":\"")
        buffer.decimal(userID)
        buffer.byte(UInt8(ascii: "\""))
        if let name = names(userID) {
            buffer.literal(",\"name\":\"")
            buffer.escaped(name)
            buffer.byte(UInt8(ascii: "\""))
        }
        buffer.byte(UInt8(ascii: "}"))
    }

    private func group(_ member: StaticString, _ groupID: UInt32, into buffer: inout LineBuffer) {
        buffer.literal(",\"")
        buffer.literal(member)
        buffer.literal("\":{\"id\":\"")
        buffer.decimal(groupID)
        buffer.literal("\"}")
    }
}
