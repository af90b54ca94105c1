/*
 * SQLite for the manifest: connections, kept statements, parameters, and the translation of its
 * result codes into a status and a line with a remedy. What the statements mean is not known here.
 */
#include "store/manifest_sql.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* Long enough for a user's query to end, short enough that a forgotten lock is told soon. */
enum { BUSY_TIMEOUT_MS = 5000 };

static enum sgr_status fail_write(const struct manifest *manifest, const char *reason,
                                  const char *remedy, struct sgr_error *error)
{
    if (manifest->reading)
        return error_set(error, SGR_INPUT, "cannot read %s: %s; %s", manifest->path, reason,
                         remedy);
    return error_set(error, SGR_OUTPUT, "cannot write %s: %s; %s", manifest->path, reason, remedy);
}

enum sgr_status manifest_sql_damaged(const struct manifest *manifest, const char *what,
                                     struct sgr_error *error)
{
    return error_set(error, SGR_INPUT,
                     "%s: not an intact manifest (%s); restore it from a copy, or choose another "
                     "folder",
                     manifest->path, what);
}

enum sgr_status manifest_sql_fail(const struct manifest *manifest, struct sgr_error *error)
{
    int extended = sqlite3_extended_errcode(manifest->database);
    const char *reason = sqlite3_errmsg(manifest->database);
    if (extended == SQLITE_READONLY_ROLLBACK)
        return fail_write(manifest, "a run was cut off in the middle of a commit",
                          "run the command that made the folder again, it goes on", error);
    if (extended == SQLITE_IOERR_NOMEM)
        return error_no_memory(error, manifest->path);
    switch (extended & 0xff) {
    case SQLITE_NOMEM:
        return error_no_memory(error, manifest->path);
    case SQLITE_FULL:
        return fail_write(manifest, "the disk is full",
                          "free space, then run the same command again to go on", error);
    case SQLITE_IOERR:
        return fail_write(manifest, reason,
                          "check the disk, then run the same command again to go on", error);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        return fail_write(manifest, reason,
                          "check the rights of the file and its folder, or choose another folder",
                          error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail_write(manifest, "another program is using it",
                          "close that program, then run the same command again to go on", error);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_ERROR: /* a table or column is missing: our own SQL is known to be right */
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT: /* a column or rule that our tables do not have */
        return manifest_sql_damaged(manifest, reason, error);
    default:
        return error_set(error, SGR_INTERNAL, "%s: SQLite answered %d (%s); please report it",
                         manifest->path, extended, reason);
    }
}

bool manifest_sql_is_inside(const char *path)
{
    if (!*path || *path == '/')
        return false;
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && at[0] == '.' && at[1] == '.'))
            return false;
    }
    return true;
}

enum sgr_status manifest_sql_connect(const char *path, int flags, struct manifest **out_manifest,
                                     struct sgr_error *error)
{
    struct manifest *manifest = memory_allocate_zeroed(1, sizeof *manifest);
    struct text name = {0};
    /* Where SQLite takes names that begin with "file:" for URIs, ours is still a path. */
    if (strncmp(path, "file:", 5) == 0)
        text_add(&name, "./");
    text_add(&name, path);
    if (!manifest || name.failed) {
        memory_free(manifest);
        text_finish(&name);
        return error_no_memory(error, "the manifest");
    }
    manifest->path = name.bytes;
    manifest->reading = (flags & SQLITE_OPEN_READONLY) != 0;
    int result = sqlite3_open_v2(manifest->path, &manifest->database,
                                 flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (result == SQLITE_OK) {
        sqlite3_busy_timeout(manifest->database, BUSY_TIMEOUT_MS);
        *out_manifest = manifest;
        return SGR_OK;
    }
    enum sgr_status status = manifest->database ? manifest_sql_fail(manifest, error)
                                                : error_no_memory(error, "the manifest");
    manifest_close(&manifest);
    return status;
}

enum sgr_status manifest_sql_prepare(struct manifest *manifest, struct sgr_error *error)
{
    static const char *const texts[] = {
#define TEXT(name, text) text,
        MANIFEST_SQL_LIST(TEXT)
#undef TEXT
    };
    for (int which = 0; which < MANIFEST_SQL_COUNT_OF; which++) {
        if (sqlite3_prepare_v3(manifest->database, texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                               &manifest->statements[which], NULL) != SQLITE_OK)
            return manifest_sql_fail(manifest, error);
    }
    return SGR_OK;
}

enum sgr_status manifest_sql_execute(struct manifest *manifest, const char *sql,
                                     struct sgr_error *error)
{
    if (sqlite3_exec(manifest->database, sql, NULL, NULL, NULL) != SQLITE_OK)
        return manifest_sql_fail(manifest, error);
    return SGR_OK;
}

enum sgr_status manifest_sql_pragma(struct manifest *manifest, const char *sql, int64_t *out_value,
                                    struct sgr_error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(manifest->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return manifest_sql_fail(manifest, error);
    bool row = false;
    enum sgr_status status = manifest_sql_step(manifest, statement, &row, error);
    if (status == SGR_OK)
        *out_value = row ? sqlite3_column_int64(statement, 0) : 0;
    /* Repeats the failure of the step, which is told already. */
    (void)sqlite3_finalize(statement);
    return status;
}

enum sgr_status manifest_sql_bind(struct manifest *manifest, enum manifest_sql which,
                                  const struct manifest_value *values, size_t count,
                                  struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[which];
    for (size_t index = 0; index < count; index++) {
        const struct manifest_value *value = &values[index];
        int place = (int)index + 1;
        int result;
        if (value->type == MANIFEST_VALUE_WHOLE && value->whole > INT64_MAX)
            return error_set(error, SGR_INPUT,
                             "%s: %llu is above the largest number of a manifest (%lld); use a "
                             "smaller one",
                             manifest->path, (unsigned long long)value->whole,
                             (long long)INT64_MAX);
        if (value->type == MANIFEST_VALUE_WHOLE)
            result = sqlite3_bind_int64(statement, place, (sqlite3_int64)value->whole);
        else
            result = sqlite3_bind_text(statement, place, value->text, -1, SQLITE_STATIC);
        if (result != SQLITE_OK)
            return manifest_sql_fail(manifest, error);
    }
    return SGR_OK;
}

enum sgr_status manifest_sql_step(struct manifest *manifest, sqlite3_stmt *statement, bool *out_row,
                                  struct sgr_error *error)
{
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return manifest_sql_fail(manifest, error);
    *out_row = result == SQLITE_ROW;
    return SGR_OK;
}

void manifest_sql_reset(struct manifest *manifest, enum manifest_sql which)
{
    /* Repeats the failure of the last step, which is told already. */
    (void)sqlite3_reset(manifest->statements[which]);
    (void)sqlite3_clear_bindings(manifest->statements[which]);
}

enum sgr_status manifest_sql_run(struct manifest *manifest, enum manifest_sql which,
                                 const struct manifest_value *values, size_t count,
                                 struct sgr_error *error)
{
    enum sgr_status status = manifest_sql_bind(manifest, which, values, count, error);
    bool row = true;
    while (status == SGR_OK && row)
        status = manifest_sql_step(manifest, manifest->statements[which], &row, error);
    manifest_sql_reset(manifest, which);
    return status;
}
