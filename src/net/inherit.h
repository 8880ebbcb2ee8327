/*
 * Sockets that whoever started us has opened (socket activation: sd_listen_fds(3)): numbers from 3 on, as many as
 * LISTEN_FDS says, with names in LISTEN_FDNAMES, if LISTEN_PID is ours.
 */
#ifndef DSPAM_NET_INHERIT_H
#define DSPAM_NET_INHERIT_H

#include "net/listen.h"

#define NET_NAME_MAX 64

struct net_inherited {
	struct net_listeners sockets; /* owned as those of net_listen_tcp are */
	char names[NET_LISTEN_MOST][NET_NAME_MAX];
};

/*
 * Take them over, and the variables out of the environment, so that programs we start do not take them for theirs. None
 * is no failure. To be called first, before the first thread and the first fork.
 */
bool net_inherit(struct net_inherited *inherited, struct error *error);

#endif
