// What Swift cannot do for CurlProbe: fork, and stand between libcurl and the system's resolver.
#ifndef CCURL_PROBE_H
#define CCURL_PROBE_H

#include <sys/types.h>

/// fork(2), which Swift does not let through.
pid_t curl_probe_fork(void);

/// How many look-ups of a name under `hangs.invalid` have begun. None of them ever ends.
int curl_probe_hanging_lookups(void);

#endif
