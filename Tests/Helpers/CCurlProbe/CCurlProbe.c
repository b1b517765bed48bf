#define _GNU_SOURCE
#include "CCurlProbe.h"

#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int hanging;

pid_t curl_probe_fork(void) { return fork(); }
int curl_probe_hanging_lookups(void) { return atomic_load(&hanging); }

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), part = strlen(end);
    return length >= part && strcmp(text + length - part, end) == 0;
}

typedef int (*lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

// Stands before the C library's: libcurl looks symbols up in the program first. A resolver that hangs or that knows a
// name not to exist, without a network and without rights.
int getaddrinfo(
    const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    if (name && ends_with(name, ".hangs.invalid")) {
        atomic_fetch_add(&hanging, 1);
        for (;;) { pause(); }
    }
    if (name && ends_with(name, ".unknown.invalid")) { return EAI_NONAME; }
    if (name && ends_with(name, ".later.invalid")) { return EAI_AGAIN; }
    if (name && ends_with(name, ".failed.invalid")) { return EAI_FAIL; }
    lookup next = (lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    return next ? next(name, service, hints, result) : EAI_FAIL;
}
