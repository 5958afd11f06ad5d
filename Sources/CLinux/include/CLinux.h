/* What Glibc's module map lacks, each system call behind one function. */
#ifndef TATTLE_CLINUX_H
#define TATTLE_CLINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control_group.h"

/* All return −1 and set errno on failure, as the calls beneath them do. */

/* epoll: a descriptor that waits for many. `token`, one bit, comes back with the event. */
int tattle_epoll_create(void);
int tattle_epoll_add(int epoll, int descriptor, uint64_t token);
/* Only tells when the other end of a pipe or a socket is gone, or a terminal hung up. */
int tattle_epoll_add_hangup(int epoll, int descriptor, uint64_t token);
int tattle_epoll_remove(int epoll, int descriptor);
/* Writes the tokens of all that is ready, or'd; returns how many are. A negative timeout waits for ever. */
int tattle_epoll_wait(int epoll, uint64_t *tokens, int timeout_ms);

/* signalfd: blocks the signals in the calling thread (and those it makes later) and reads them here. */
int tattle_signalfd_open(const int *signals, size_t count);
/* The next signal's number; 0 when there is none. `is_from_terminal`: the whole process group got it. */
int tattle_signalfd_read(int descriptor, bool *is_from_terminal);

/* timerfd on CLOCK_BOOTTIME; 0 ns disarms. */
int tattle_timerfd_create(void);
int tattle_timerfd_arm(int descriptor, uint64_t after_ns);
/* Clears the expiry. */
void tattle_timerfd_clear(int descriptor);

/* eventfd: readable after a post, until it is cleared. `is_waiting`: clearing waits for a post. */
int tattle_eventfd_create(bool is_waiting);
void tattle_eventfd_post(int descriptor);
void tattle_eventfd_clear(int descriptor);

/* O_PATH of open(2): finds a file without opening it. */
extern const int tattle_open_place;

/* memmem(3): where some bytes begin within others; -1: nowhere. */
ssize_t tattle_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

/*
 * mallopt(3): free memory is kept up to 2 MiB, and no block of a MiB or more. Else glibc keeps up to twice the largest
 * block that was ever freed, and libbpf's (the kernel's types) have 5 MiB.
 */
void tattle_bound_free_memory(void);
/* malloc_trim(3): free memory goes back to the system, also what lies between blocks in use. */
void tattle_return_memory(void);
/* madvise(2), MADV_DONTNEED: the program's text goes, too; what is run again is mapped from its file again. */
void tattle_return_text(void);

/* Columns of a terminal, 0 when it is none. */
int tattle_terminal_width(int descriptor);

/* capget(2): the effective set of this process as bits. */
int tattle_effective_capabilities(uint64_t *bits);

/*
 * The first thread of a process that lives, by /proc mounted at `proc`: its own id, or another one's when that has ended
 * before the others. Then /proc/PID has no executable, memory, descriptors or namespaces any more; /proc/PID/task/TID has.
 */
uint32_t tattle_living_thread(const char *proc, uint32_t pid);

/* A TCP connection as the kernel counts it: sock_diag(7), `struct tcp_info`. */
struct tattle_connection {
	uint8_t source[16]; /* network order; of IPv4 the first four */
	uint8_t destination[16];
	uint16_t source_port; /* host order */
	uint16_t destination_port;
	bool is_ipv6;
	uint32_t last_sent_ms;	    /* since data was last sent, or since it was established */
	uint32_t data_segments_out; /* with those that were sent again */
	uint64_t bytes_sent;	    /* without them */
	uint64_t bytes_received;
};

/* As many as one reading may bring. */
#define TATTLE_CONNECTIONS_MOST 384

/* A socket that asks a network namespace, an open file of /proc/PID/ns/net, about its connections; sends nothing. */
int tattle_connections_open(int namespace);
/* Asks for those that are established. */
int tattle_connections_ask(int descriptor, bool is_ipv6);
/* Reads some of the answer; 0 at its end. */
ssize_t tattle_connections_read(int descriptor, struct tattle_connection connections[TATTLE_CONNECTIONS_MOST]);

/* A child that waits to be told to go before it executes its program. */
struct tattle_held_child {
	pid_t pid;
	int go;     /* write end: one byte lets it run, closing ends it */
	int result; /* read end: the errno of a failed execve(2), or nothing */
};

/*
 * Forks a child that will execute `path` with `arguments` and this process's environment, its
 * signal mask emptied and SIGPIPE at its default.
 */
int tattle_spawn_held(const char *path, char *const arguments[], struct tattle_held_child *child);
/* Lets the child go. Returns 0 once it runs its program, or the errno of execve(2). Closes both ends. */
int tattle_release_held(struct tattle_held_child *child);
/* Ends a child that was not let go, and reaps it. */
void tattle_abandon_held(struct tattle_held_child *child);

#endif
