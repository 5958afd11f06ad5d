internal import CLibbpf

/// One member of a structure as the object's BTF describes it.
public struct MemberLayout: Hashable, Sendable {
    /// The member's name.
    public var name: String
    /// Bytes from the start of the structure.
    public var offset: Int

    /// Makes a member.
    public init(name: String, offset: Int) {
        self.name = name
        self.offset = offset
    }
}

extension Object {
    /// A structure of the programs as the compiler laid it out for BPF; nil when BTF has none of that name.
    public func layout(ofStruct name: String) -> (size: Int, members: [MemberLayout])? {
        unsafe withBTF { btf in
            let id = unsafe btf__find_by_name_kind(btf, name, tattle_btf_kind_struct)
            guard id > 0, let type = unsafe btf__type_by_id(btf, UInt32(id)) else { return nil }
            let count = unsafe Int(type.pointee.info & 0xffff)
            // The members follow the structure's header in place: linux/btf.h.
            let members = unsafe UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_member.self)
            let layouts = (0..<count).map { index in
                let member = unsafe members[index]
                // Without bit-fields in the structure the offset is a plain number of bits.
                return MemberLayout(
                    name: unsafe String(cString: btf__name_by_offset(btf, member.name_off)),
                    offset: Int(member.offset) / 8)
            }
            return (unsafe Int(type.pointee.size), layouts)
        }
    }
}
