/* cgroup v2 folders by their id. All return −1 and set errno on failure. */
#ifndef TATTLE_CONTROL_GROUP_H
#define TATTLE_CONTROL_GROUP_H

#include <stdbool.h>
#include <stdint.h>

/* fstatfs(2): whether a descriptor is of a cgroup v2 hierarchy. */
bool tattle_is_control_group(int descriptor);

/*
 * open_by_handle_at(2): the folder of the cgroup with this id. `root`: any open folder of the hierarchy.
 * Needs CAP_DAC_READ_SEARCH in the initial user namespace (EPERM); ESTALE: there is no such cgroup.
 */
int tattle_control_group_open(int root, uint64_t id);

#endif
