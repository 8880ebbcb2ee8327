/*
 * What the workers have, and the steps of a job that they carry out.
 *
 * A filter worker has its own connection to the store. It is opened when a message needs it, again
 * after it has failed, and anew for a new generation. A delivery worker keeps connections to hosts.
 */
#ifndef DSPAM_DAEMON_WORKER_H
#define DSPAM_DAEMON_WORKER_H

#include "daemon/job.h"

extern const struct job_steps worker_steps;

/* For struct pool_plan; the context of open is the struct job_route. */
extern const struct pool_plan worker_scan_plan, worker_filter_plan, worker_delivery_plan;

#endif
