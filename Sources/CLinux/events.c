/* epoll, signalfd, timerfd, eventfd, the terminal. */
#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int tattle_epoll_create(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

int tattle_epoll_add(int epoll, int descriptor, uint64_t token)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = token };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int tattle_epoll_add_hangup(int epoll, int descriptor, uint64_t token)
{
	/* EPOLLERR and EPOLLHUP are always told of. */
	struct epoll_event event = { .events = 0, .data.u64 = token };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int tattle_epoll_remove(int epoll, int descriptor)
{
	return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int tattle_epoll_wait(int epoll, uint64_t *tokens, int timeout_ms)
{
	struct epoll_event events[16];
	int count = epoll_wait(epoll, events, 16, timeout_ms);

	*tokens = 0;
	for (int i = 0; i < count; i++)
		*tokens |= events[i].data.u64;
	return count;
}

int tattle_signalfd_open(const int *signals, size_t count)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int tattle_signalfd_read(int descriptor, bool *is_from_terminal)
{
	struct signalfd_siginfo info;

	if (read(descriptor, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	*is_from_terminal = info.ssi_code == SI_KERNEL;
	return (int)info.ssi_signo;
}

int tattle_timerfd_create(void)
{
	return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
}

int tattle_timerfd_arm(int descriptor, uint64_t after_ns)
{
	struct itimerspec spec = {
		.it_value = { .tv_sec = (time_t)(after_ns / 1000000000), .tv_nsec = (long)(after_ns % 1000000000) },
	};

	return timerfd_settime(descriptor, 0, &spec, NULL);
}

void tattle_timerfd_clear(int descriptor)
{
	uint64_t expirations;
	ssize_t ignored = read(descriptor, &expirations, sizeof(expirations));

	(void)ignored;
}

int tattle_eventfd_create(bool is_waiting)
{
	return eventfd(0, EFD_CLOEXEC | (is_waiting ? 0 : EFD_NONBLOCK));
}

void tattle_eventfd_post(int descriptor)
{
	int ignored = eventfd_write(descriptor, 1);

	(void)ignored;
}

void tattle_eventfd_clear(int descriptor)
{
	eventfd_t posts;
	int ignored = eventfd_read(descriptor, &posts);

	(void)ignored;
}

int tattle_terminal_width(int descriptor)
{
	struct winsize size;

	return ioctl(descriptor, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}
