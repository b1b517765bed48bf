// What RingSQLite uses of SQLite, and the type of a file system, which Swift's Glibc module leaves out.
#include <sqlite3.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif
