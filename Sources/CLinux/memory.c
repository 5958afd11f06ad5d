/* What of its memory a process can do without. */
#define _GNU_SOURCE
#include "CLinux.h"
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

/* The text of one object: nobody has written to it, so its pages are the file's. */
static int return_text(struct dl_phdr_info *object, size_t size, void *unused)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)unused;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t start = object->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || segment->p_flags & PF_W)
			continue;
		start = (start + page - 1) / page * page;
		end = end / page * page;
		if (start < end)
			madvise((void *)start, end - start, MADV_DONTNEED);
	}
	return 0;
}

void tattle_return_text(void)
{
	dl_iterate_phdr(return_text, NULL);
}
