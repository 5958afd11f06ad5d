internal import CLibbpf
internal import Glibc

extension KernelTypes {
    /// A function's prototype as C text; nil when the kernel's BTF has no function of that name.
    ///
    /// A function that the compiler inlined everywhere, or gave another signature, has no BTF. Modules are asked as
    /// well, those that are loaded.
    public func prototype(ofFunction name: String) -> String? {
        unsafe first { btf in
            let function = unsafe btf__find_by_name_kind(btf, name, tattle_btf_kind_func)
            guard function > 0, let type = unsafe btf__type_by_id(btf, UInt32(function)) else { return nil }
            return unsafe Self.text(of: type.pointee.type, name: name, skipping: 0, in: btf)
        }
    }

    /// What a raw tracepoint gives its programs, as the C text of a function without result; nil when there is none.
    ///
    /// From the type `btf_trace_NAME` (include/trace/bpf_probe.h), without its first parameter, which no program sees.
    public func prototype(ofTracepoint name: String) -> String? {
        unsafe first { btf in
            let typedef = unsafe btf__find_by_name_kind(btf, "btf_trace_\(name)", tattle_btf_kind_typedef)
            // typedef void (*btf_trace_NAME)(void *, …)
            guard typedef > 0, let alias = unsafe btf__type_by_id(btf, UInt32(typedef)),
                let pointer = unsafe btf__type_by_id(btf, alias.pointee.type)
            else { return nil }
            return unsafe Self.text(of: pointer.pointee.type, name: name, skipping: 1, in: btf)
        }
    }

    /// What a typedef stands for, one step, as C text; nil when the kernel's BTF has none of that name.
    public func meaning(ofTypedef name: String) -> String? {
        unsafe first { btf in
            let typedef = unsafe btf__find_by_name_kind(btf, name, tattle_btf_kind_typedef)
            guard typedef > 0, let type = unsafe btf__type_by_id(btf, UInt32(typedef)) else { return nil }
            return unsafe Self.withDump(of: btf) { declaration in declaration(unsafe type.pointee.type, "") }
        }
    }

    /// The first answer: of the kernel itself, else of its modules.
    private func first<Answer>(_ body: (OpaquePointer) -> Answer?) -> Answer? {
        // Owned by this object, as the modules'.
        if let answer = unsafe body(btf) { return answer }
        for index in unsafe modules.indices {
            if let answer = unsafe body(modules[index]) { return answer }
        }
        return nil
    }

    /// The C text of a BTF_KIND_FUNC_PROTO.
    private static func text(
        of prototype: UInt32, name: String, skipping skipped: Int, in btf: OpaquePointer
    ) -> String? {
        guard let type = unsafe btf__type_by_id(btf, prototype) else { return nil }
        let count = unsafe Int(type.pointee.info & 0xffff)
        // The parameters follow the prototype's header in place: linux/btf.h.
        let parameters = unsafe UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_param.self)
        return unsafe withDump(of: btf) { declaration in
            let result = unsafe declaration(type.pointee.type, "")
            var texts: [String] = []
            for index in skipped..<max(skipped, count) {
                let parameter = unsafe parameters[index]
                let name = unsafe btf__name_by_offset(btf, parameter.name_off)
                guard let text = declaration(parameter.type, unsafe name.map { unsafe String(cString: $0) } ?? "")
                else {
                    return nil
                }
                texts.append(text)
            }
            return result.map { "\($0) \(name)(\(texts.isEmpty ? "void" : texts.joined(separator: ", ")))" }
        }
    }

    /// What libbpf prints, to hand it over.
    private final class Printed {
        var text = ""
    }

    /// Calls `body` with a function that writes a type and a name as a C declaration; nil: it cannot.
    private static func withDump<Result>(
        of btf: OpaquePointer, _ body: ((UInt32, String) -> String?) -> Result?
    ) -> Result? {
        let printed = Printed()
        // `printed` outlives the dump: unretained is enough. The callback copies the text before it returns.
        let dump = unsafe btf_dump__new(
            btf,
            { context, format, arguments in
                guard let context = unsafe context, let format = unsafe format, let arguments = unsafe arguments else {
                    return
                }
                unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
                    guard unsafe vsnprintf(buffer.baseAddress, buffer.count, format, arguments) > 0 else { return }
                    let printed = unsafe Unmanaged<Printed>.fromOpaque(context).takeUnretainedValue()
                    printed.text += unsafe String(cString: buffer.baseAddress!)
                }
            }, Unmanaged.passUnretained(printed).toOpaque(), nil)
        guard let dump = unsafe dump else { return nil }
        defer { unsafe btf_dump__free(dump) }
        return body { type, name in
            printed.text = ""
            var options = unsafe btf_dump_emit_type_decl_opts()
            unsafe options.sz = tattle_declaration_options_size
            let result = unsafe name.withCString { name in
                unsafe options.field_name = name
                return unsafe btf_dump__emit_type_decl(dump, type, &options)
            }
            return result == 0 ? printed.text.trimmed : nil
        }
    }
}

extension String {
    /// Without the blanks that libbpf leaves at a declaration's ends.
    fileprivate var trimmed: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
