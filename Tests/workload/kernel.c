/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that a thread of the kernel makes: an NFS server is to be mounted, and there is none. */
#define _GNU_SOURCE
#include "attempts.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "/tmp"

static int mount_nothing(struct truth *truth, const struct kind *kind, const char *type, int protocol, const char *options)
{
	struct address to = address_of(kind->ip, CLOSED_PORT);
	struct expected *expected;
	int seen;

	load_module("nfs");
	load_module(type[3] ? "nfsv4" : "nfsv3");
	/* Should it succeed, only we see it. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return problem(truth, MISSING, "no mount namespace: %s", strerror(errno));
	expected = expect(truth, protocol, &to, kind->result, protocol == IPPROTO_TCP ? kind->error : 0);
	expected->via = "kernel";
	expected->is_kernels = true;
	expected->pid = expected->tid = 0;
	expected->thread_name[0] = 0;
	expected->is_any_time = true;
	if (protocol == IPPROTO_UDP)
		expected->has_disconnect = true;
	seen = error_of(mount("nowhere:/", PLACE, type, 0, options));
	if (seen == ENODEV || seen == EPROTONOSUPPORT || seen == EPERM) {
		truth->count = 0;
		return problem(truth, MISSING, "no %s: %s", type, strerror(seen));
	}
	return check_errno(truth, "mount", seen, kind->error);
}

static int mount_v3(struct truth *truth, const struct kind *kind)
{
	return mount_nothing(truth, kind, "nfs", IPPROTO_TCP,
			     kind->ip[0] == ':' ?
				     "vers=3,proto=tcp6,port=9,mountproto=tcp6,mountport=9,mountvers=3,mountaddr=::1,addr=::1,"
				     "nolock,noresvport,soft,timeo=10,retrans=0" :
				     "vers=3,proto=tcp,port=9,mountproto=tcp,mountport=9,mountvers=3,mountaddr=127.0.0.1,"
				     "addr=127.0.0.1,nolock,noresvport,soft,timeo=10,retrans=0");
}

static int mount_v4(struct truth *truth, const struct kind *kind)
{
	return mount_nothing(truth, kind, "nfs4", IPPROTO_TCP,
			     "vers=4.0,proto=tcp,port=9,addr=127.0.0.1,clientaddr=127.0.0.1,noresvport,soft,timeo=10,retrans=0");
}

const struct kind kernel_kinds[] = {
	{ "kernel-tcp4-refused", SETUP_LOOPBACK, mount_v3, "127.0.0.1", ECONNREFUSED, "refused", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-tcp6-refused", SETUP_LOOPBACK, mount_v3, "::1", ECONNREFUSED, "refused", "mount() of NFS 3: a worker of the kernel connects" },
	{ "kernel-nfs4-tcp4-refused", SETUP_LOOPBACK, mount_v4, "127.0.0.1", ECONNREFUSED, "refused", "mount() of NFS 4: a worker of the kernel connects" },
	{},
};
