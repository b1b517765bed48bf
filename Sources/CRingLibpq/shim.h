// What RingPostgres uses of libpq. Debian keeps its header in a folder that only pkg-config names.
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif
