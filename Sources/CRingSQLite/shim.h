// What RingSQLite uses of SQLite.
#include <sqlite3.h>
