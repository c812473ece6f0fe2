#pragma once
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast function pointer and sqlite3_config-style calls are variadic: Swift imports neither.

static inline int cairn_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int cairn_bind_text_copy(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int cairn_defensive(sqlite3 *database) {
    int enabled = 0;
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, &enabled);
}

static inline int cairn_no_checkpoint_on_close(sqlite3 *database, int on) {
    int enabled = 0;
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on, &enabled);
}
