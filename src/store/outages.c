#include "store/outages.h"

#include <pthread.h>
#include <stdlib.h>

/* Milliseconds. */
enum { FIRST_PAUSE = 1000, LONGEST_PAUSE = 30000 };

struct outage {
	uint64_t server; /* 0: free */
	int64_t next;    /* when somebody tries it again */
	int64_t pause;
};

struct outages {
	pthread_mutex_t mutex;
	struct outage list[OUTAGES_SERVERS];
};

struct outages *
outages_new(void)
{
	struct outages *outages = calloc(1, sizeof *outages);

	if (outages == NULL || pthread_mutex_init(&outages->mutex, NULL) != 0)
		abort();
	return outages;
}

void
outages_free(struct outages *outages)
{
	if (outages != NULL)
		pthread_mutex_destroy(&outages->mutex);
	free(outages);
}

/* With 0: a free place. NULL: there is none. */
static struct outage *
find(struct outages *outages, uint64_t server)
{
	for (size_t i = 0; i < OUTAGES_SERVERS; i++)
		if (outages->list[i].server == server)
			return &outages->list[i];
	return NULL;
}

/* Whoever finds out what is known already, because he was waiting at the same time, makes it no worse. */
void
outages_begin(struct outages *outages, uint64_t server, int64_t now)
{
	if (outages == NULL)
		return;
	pthread_mutex_lock(&outages->mutex);
	struct outage *outage = find(outages, server), *place = find(outages, 0);
	if (outage != NULL && outage->next <= now)
		outage->next = now + outage->pause;
	else if (outage == NULL && place != NULL)
		*place = (struct outage){server, now + FIRST_PAUSE, FIRST_PAUSE};
	pthread_mutex_unlock(&outages->mutex);
}

void
outages_end(struct outages *outages, uint64_t server)
{
	if (outages == NULL)
		return;
	pthread_mutex_lock(&outages->mutex);
	struct outage *outage = find(outages, server);
	if (outage != NULL)
		outage->server = 0;
	pthread_mutex_unlock(&outages->mutex);
}

bool
outages_has(struct outages *outages, uint64_t server)
{
	if (outages == NULL)
		return false;
	pthread_mutex_lock(&outages->mutex);
	bool out = find(outages, server) != NULL;
	pthread_mutex_unlock(&outages->mutex);
	return out;
}

bool
outages_avoid(struct outages *outages, uint64_t server, int64_t now)
{
	if (outages == NULL)
		return false;
	pthread_mutex_lock(&outages->mutex);
	struct outage *outage = find(outages, server);
	bool avoid = outage != NULL && now < outage->next;
	if (outage != NULL && !avoid) {
		outage->pause = 2 * outage->pause < LONGEST_PAUSE ? 2 * outage->pause : LONGEST_PAUSE;
		outage->next = now + outage->pause;
	}
	pthread_mutex_unlock(&outages->mutex);
	return avoid;
}
