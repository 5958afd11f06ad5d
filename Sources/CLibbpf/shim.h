/* What BPF needs of libbpf. Macros that build option structs are not imported: set .sz by hand. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/*
 * libbpf wants what follows the last member to be zero, padding too, which Swift leaves as it was: so the size that
 * it is told ends with that member.
 */
static const size_t tattle_object_options_size =
	offsetof(struct bpf_object_open_opts, kernel_log_level) + sizeof(__u32);
static const size_t tattle_declaration_options_size =
	offsetof(struct btf_dump_emit_type_decl_opts, strip_mods) + sizeof(bool);

/* In <linux/btf.h> these are enumerators and macros at once, which Swift finds ambiguous. */
static const unsigned int tattle_btf_kind_typedef = BTF_KIND_TYPEDEF;
static const unsigned int tattle_btf_kind_func = BTF_KIND_FUNC;
static const unsigned int tattle_btf_kind_enum = BTF_KIND_ENUM;
static const unsigned int tattle_btf_kind_struct = BTF_KIND_STRUCT;
static const unsigned int tattle_btf_kind_datasec = BTF_KIND_DATASEC;

/* bpf_link_info of a perf event, which <linux/bpf.h> has since 6.6: its union begins here. */
struct tattle_perf_event_link {
	__u32 type; /* enum bpf_perf_event_type: below */
	__u32 reserved;
	__u64 name; /* in/out: where to write the function's or tracepoint's name */
	__u32 name_length;
};
static const unsigned int tattle_perf_event_kprobe = 3;
static const unsigned int tattle_perf_event_kretprobe = 4;
static const unsigned int tattle_perf_event_tracepoint = 5;
