/* Files that are only looked at, and searching their bytes; memory given back. */
#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <malloc.h>
#include <string.h>

const int tattle_open_place = O_PATH;

ssize_t tattle_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count)
{
	const char *found = memmem(bytes, count, wanted, wanted_count);

	return found ? found - (const char *)bytes : -1;
}

void tattle_bound_free_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

void tattle_return_memory(void)
{
	malloc_trim(0);
}
