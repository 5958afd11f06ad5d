/* SPDX-License-Identifier: MIT */
/*
 * A process that does nothing, at the least cost there is: no library, one page of code and one of
 * stack. It ends when told to.
 */
static long pause_once(void)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(34) : "rcx", "r11", "memory"); /* pause(2) */
	return result;
#else
#error "x86-64 only, as tattle is so far"
#endif
}

__attribute__((noreturn)) void _start(void)
{
	for (;;)
		pause_once();
}
