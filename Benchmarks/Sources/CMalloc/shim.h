// What the process has allocated; glibc's own module leaves this header out.
#if defined(__linux__)
#include <malloc.h>
#endif
