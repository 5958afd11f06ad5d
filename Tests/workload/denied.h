/* SPDX-License-Identifier: GPL-2.0-only */
/* Attempts that are denied, and the system call that denies most of them. */
#ifndef DENIED_H
#define DENIED_H

#include "attempts.h"
#include <linux/bpf.h>

long bpf(int command, union bpf_attr *attributes);
/* A connect() that fails as the kind says, because of `blocked_by`. */
int connect_denied(struct truth *truth, const struct kind *kind, const char *blocked_by);

#endif
