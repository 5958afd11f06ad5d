/* What BPF needs of libbpf. Macros that build option structs are not imported: set .sz by hand. */
#include <errno.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* In <linux/btf.h> these are enumerators and macros at once, which Swift finds ambiguous. */
static const unsigned int tattle_btf_kind_typedef = BTF_KIND_TYPEDEF;
static const unsigned int tattle_btf_kind_func = BTF_KIND_FUNC;
static const unsigned int tattle_btf_kind_enum = BTF_KIND_ENUM;
static const unsigned int tattle_btf_kind_struct = BTF_KIND_STRUCT;
static const unsigned int tattle_btf_kind_datasec = BTF_KIND_DATASEC;
