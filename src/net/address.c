#include "net/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
net_lookup(const char *host, unsigned int port, int flags, struct addrinfo **list, struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
	char name[256], service[16];
	size_t size = host != NULL ? strlen(host) : 0;

	if (port > 65535)
		return error_set(error, ERROR_CONFIG, "port %u: must be at most 65535", port);
	if (size >= sizeof name)
		return error_set(error, ERROR_HOST, "host name of %zu bytes: at most 255 are possible", size);
	if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
		snprintf(name, sizeof name, "%.*s", (int)size - 2, host + 1);
		host = name;
	}
	snprintf(service, sizeof service, "%u", port);
	int code = getaddrinfo(host, service, &hints, list);
	if (code == 0)
		return true;
	return error_later(error, ERROR_HOST, "host %s: %s", host != NULL ? host : "*",
			   code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
}

bool
net_unix_address(const char *path, struct sockaddr_un *address, struct error *error)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address->sun_path)
		return error_set(error, ERROR_CONFIG, "socket %s: the path must have at most %zu bytes", path,
				 sizeof address->sun_path - 1);
	memcpy(address->sun_path, path, strlen(path));
	return true;
}

void
net_address_text(const struct sockaddr *address, socklen_t size, char *text, size_t text_size)
{
	char host[NI_MAXHOST], service[NI_MAXSERV];

	if (getnameinfo(address, size, host, sizeof host, service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) !=
	    0)
		snprintf(text, text_size, "unknown address");
	else
		snprintf(text, text_size, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, service);
}

void
net_peer_text(int socket, char *text, size_t text_size)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof address;

	if (getpeername(socket, (struct sockaddr *)&address, &size) < 0)
		snprintf(text, text_size, "unknown address");
	else if (address.ss_family == AF_UNIX)
		snprintf(text, text_size, "a local program");
	else
		net_address_text((const struct sockaddr *)&address, size, text, text_size);
}
