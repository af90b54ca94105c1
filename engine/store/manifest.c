/*
 * Opening manifests and writing their rows. Reading them is in manifest_read.c, SQLite itself in
 * manifest_sql.c.
 *
 * The schema, version 1. Numbers are whole and at most 2^63-1, digests are 64 lower-case hex
 * digits, paths are relative to the manifest's folder with '/' between their parts.
 *
 *     run(key, value)       what the run as a whole is: the plan's digest, the encoder ...
 *     layer(id, name, trait_type)
 *     trait(layer, id, name, value, asked, planned)
 *     item(id, recipe, state, reason)             state is 'done' or 'failed'
 *     file(item, kind, path, bytes, sha256)       kind is 'image' or 'metadata'
 *     document(path, bytes, sha256)               files of the whole collection
 *
 * Every done item has its two rows in `file`, a failed one has none. A manifest is known by its
 * application_id, its version by user_version; a reader refuses every version but its own. Each
 * table is stored in the order of its key (hence "without rowid"), so that walks need no sorting.
 */
#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "store/manifest_sql.h"

#include <stdio.h>

enum { APPLICATION_ID = 0x53475250 /* "SGRP" */, SCHEMA_VERSION = 1 };

/* One transaction, so that a run that is cut off here leaves an empty file, never half a schema. */
static const char schema[] =
    "begin immediate;"
    "create table run(key text primary key not null, value text not null) without rowid;"
    "create table layer(id integer primary key, name text not null, trait_type text not null);"
    "create table trait(layer integer not null, id integer not null, name text not null,"
    " value text not null, asked integer not null, planned integer not null,"
    " primary key(layer, id)) without rowid;"
    "create table item(id integer primary key, recipe text not null,"
    " state text not null check(state in ('done', 'failed')), reason text);"
    "create table file(item integer not null,"
    " kind text not null check(kind in ('image', 'metadata')), path text not null,"
    " bytes integer not null, sha256 text not null, primary key(item, kind)) without rowid;"
    "create table document(path text primary key not null, bytes integer not null,"
    " sha256 text not null) without rowid;"
    "pragma application_id = 0x53475250;"
    "pragma user_version = 1;"
    "commit";

/* The row of table run that holds the fanout. */
#define FANOUT_KEY "fanout"

_Static_assert(APPLICATION_ID == 0x53475250 && SCHEMA_VERSION == 1, "the schema text repeats them");

/* Sees that the file is a manifest of this version; an empty one sets *out_empty instead. */
static enum sgr_status check_identity(struct manifest *manifest, bool *out_empty,
                                      struct sgr_error *error)
{
    int64_t pages = 0;
    int64_t application = 0;
    int64_t version = 0;
    enum sgr_status status = manifest_sql_pragma(manifest, "pragma page_count", &pages, error);
    if (status == SGR_OK)
        status = manifest_sql_pragma(manifest, "pragma application_id", &application, error);
    if (status == SGR_OK)
        status = manifest_sql_pragma(manifest, "pragma user_version", &version, error);
    if (status != SGR_OK)
        return status;
    *out_empty = pages == 0;
    if (pages == 0)
        return SGR_OK;
    if (application != APPLICATION_ID)
        return manifest_sql_damaged(manifest, "it is some other program's database", error);
    if (version != SCHEMA_VERSION)
        return error_set(error, SGR_INPUT,
                         "%s: a manifest of version %lld, and this serigraph knows version %d; use "
                         "the serigraph that made it, or choose another folder",
                         manifest->path, (long long)version, SCHEMA_VERSION);
    return SGR_OK;
}

/*
 * Sees that no page is cut off: SQLite reads the missing part of a last page as zeros. The size is
 * looked at only now, after what a cut-off run left was rolled back.
 */
static enum sgr_status check_length(struct manifest *manifest, struct sgr_error *error)
{
    int64_t pages = 0;
    int64_t page_bytes = 0;
    struct file_info info;
    enum sgr_status status = manifest_sql_pragma(manifest, "pragma page_count", &pages, error);
    if (status == SGR_OK)
        status = manifest_sql_pragma(manifest, "pragma page_size", &page_bytes, error);
    if (status == SGR_OK)
        status = file_look(manifest->path, &info, error);
    if (status == SGR_OK && info.size < (uint64_t)pages * (uint64_t)page_bytes)
        return manifest_sql_damaged(manifest, "its end is missing", error);
    return status;
}

/* Reads the fanout; manifests from before there was one have none. */
static enum sgr_status read_fanout(struct manifest *manifest, struct sgr_error *error)
{
    struct text stored = {0};
    bool found = false;
    enum sgr_status status = manifest_get(manifest, FANOUT_KEY, &stored, &found, error);
    if (status == SGR_OK && found &&
        !text_parse_whole(stored.bytes ? stored.bytes : "", INT64_MAX, &manifest->fanout))
        status = manifest_sql_damaged(manifest, "its fanout is not a number", error);
    text_finish(&stored);
    return status;
}

/* Brings a fresh connection to the point where every statement can be run. */
static enum sgr_status set_up(struct manifest *manifest, bool create, struct sgr_error *error)
{
    /* What stands in a file from elsewhere is data: its schema may not call functions. */
    enum sgr_status status =
        manifest_sql_execute(manifest,
                             "pragma trusted_schema = off; pragma cell_size_check = on;"
                             "pragma temp_store = memory; pragma cache_size = -8192;",
                             error);
    bool empty = false;
    if (status == SGR_OK)
        status = check_identity(manifest, &empty, error);
    if (status == SGR_OK)
        status = check_length(manifest, error);
    if (status != SGR_OK)
        return status;
    if (empty && !create)
        return manifest_sql_damaged(manifest, "it is empty", error);
    /* SQLite quietly opens a file without write permission for reading. */
    if (!manifest->reading && sqlite3_db_readonly(manifest->database, "main") == 1)
        return error_set(error, SGR_OUTPUT,
                         "cannot write %s: it is read-only; check its rights, or choose another "
                         "folder",
                         manifest->path);
    if (!manifest->reading)
        status = manifest_sql_execute(
            manifest, "pragma journal_mode = delete; pragma synchronous = extra;", error);
    if (status == SGR_OK && empty) {
        status = manifest_sql_execute(manifest, schema, error);
        manifest_rollback(manifest);
    }
    if (status == SGR_OK)
        status = manifest_sql_prepare(manifest, error);
    return status == SGR_OK ? read_fanout(manifest, error) : status;
}

/* Opens what is there (`info`) or may be made. */
static enum sgr_status open_with(const char *path, int flags, struct manifest **out_manifest,
                                 struct sgr_error *error)
{
    struct file_info info;
    enum sgr_status status = file_look(path, &info, error);
    if (status != SGR_OK)
        return status;
    bool create = (flags & SQLITE_OPEN_CREATE) != 0;
    if (info.kind == FILE_MISSING && !create)
        return error_set(error, SGR_INPUT,
                         "%s: there is no such manifest; name a folder that serigraph filled",
                         path);
    if (info.kind != FILE_MISSING && info.kind != FILE_REGULAR)
        return error_set(error, SGR_INPUT,
                         "%s: not a regular file, so not a manifest; choose another folder", path);
    struct manifest *manifest = NULL;
    status = manifest_sql_connect(path, flags, &manifest, error);
    if (status == SGR_OK)
        status = set_up(manifest, create, error);
    if (status == SGR_OK) {
        *out_manifest = manifest;
        return SGR_OK;
    }
    manifest_close(&manifest);
    /* What was begun here would be taken for a damaged manifest; the first error is the telling. */
    if (info.kind == FILE_MISSING)
        (void)!file_remove(path, NULL);
    return status;
}

enum sgr_status manifest_open(const char *path, bool create, struct manifest **out_manifest,
                              struct sgr_error *error)
{
    return open_with(path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), out_manifest,
                     error);
}

enum sgr_status manifest_open_reading(const char *path, struct manifest **out_manifest,
                                      struct sgr_error *error)
{
    return open_with(path, SQLITE_OPEN_READONLY, out_manifest, error);
}

void manifest_close(struct manifest **manifest)
{
    if (!*manifest)
        return;
    for (int which = 0; which < MANIFEST_SQL_COUNT_OF; which++) {
        /* Repeats the failure of the last step, which is told already. */
        (void)sqlite3_finalize((*manifest)->statements[which]);
    }
    /* Only a forgotten statement can fail this; committed rows are durable already. */
    ERROR_ASSERT(sqlite3_close((*manifest)->database) == SQLITE_OK);
    memory_free((*manifest)->path);
    memory_free(*manifest);
    *manifest = NULL;
}

enum sgr_status manifest_begin(struct manifest *manifest, struct sgr_error *error)
{
    ERROR_ASSERT(sqlite3_get_autocommit(manifest->database));
    return manifest_sql_run(manifest, MANIFEST_SQL_BEGIN, NULL, 0, error);
}

enum sgr_status manifest_commit(struct manifest *manifest, struct sgr_error *error)
{
    enum sgr_status status = manifest_sql_run(manifest, MANIFEST_SQL_COMMIT, NULL, 0, error);
    if (status != SGR_OK)
        manifest_rollback(manifest);
    return status;
}

void manifest_rollback(struct manifest *manifest)
{
    /* Some failures have rolled back already. One that fails here ends with the connection: the
     * journal stays, and the next one to open the file rolls back. */
    if (!sqlite3_get_autocommit(manifest->database))
        (void)sqlite3_exec(manifest->database, "rollback", NULL, NULL, NULL);
}

enum sgr_status manifest_set(struct manifest *manifest, const char *key, const char *value,
                             struct sgr_error *error)
{
    const struct manifest_value values[] = {MANIFEST_TEXT(key), MANIFEST_TEXT(value)};
    return manifest_sql_run(manifest, MANIFEST_SQL_SET, values, 2, error);
}

enum sgr_status manifest_set_fanout(struct manifest *manifest, uint64_t fanout,
                                    struct sgr_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)fanout);
    enum sgr_status status = manifest_set(manifest, FANOUT_KEY, text, error);
    if (status == SGR_OK)
        manifest->fanout = fanout;
    return status;
}

uint64_t manifest_fanout(const struct manifest *manifest)
{
    return manifest->fanout;
}

enum sgr_status manifest_add_layer(struct manifest *manifest, uint32_t layer, const char *name,
                                   const char *trait_type, struct sgr_error *error)
{
    const struct manifest_value values[] = {MANIFEST_WHOLE(layer), MANIFEST_TEXT(name),
                                            MANIFEST_TEXT(trait_type)};
    return manifest_sql_run(manifest, MANIFEST_SQL_ADD_LAYER, values, 3, error);
}

enum sgr_status manifest_add_trait(struct manifest *manifest, const struct manifest_trait *trait,
                                   struct sgr_error *error)
{
    const struct manifest_value values[] = {
        MANIFEST_WHOLE(trait->layer), MANIFEST_WHOLE(trait->trait), MANIFEST_TEXT(trait->name),
        MANIFEST_TEXT(trait->value),  MANIFEST_WHOLE(trait->asked), MANIFEST_WHOLE(trait->planned)};
    return manifest_sql_run(manifest, MANIFEST_SQL_ADD_TRAIT, values, 6, error);
}

void manifest_path(char out_path[MANIFEST_PATH_BYTES], enum manifest_kind kind, uint64_t id,
                   uint64_t fanout)
{
    const char *folder = kind == MANIFEST_IMAGE ? "images" : "metadata";
    const char *ending = kind == MANIFEST_IMAGE ? "png" : "json";
    unsigned long long number = id;
    int length =
        fanout > 0 ? snprintf(out_path, MANIFEST_PATH_BYTES, "%s/%03llu/%llu.%s", folder,
                              number / (unsigned long long)fanout, number, ending)
                   : snprintf(out_path, MANIFEST_PATH_BYTES, "%s/%llu.%s", folder, number, ending);
    ERROR_ASSERT(length > 0 && length < MANIFEST_PATH_BYTES);
}

static enum sgr_status add_file(struct manifest *manifest, uint64_t id, enum manifest_kind kind,
                                const struct manifest_file *file, struct sgr_error *error)
{
    char sha256[HASH_SHA256_TEXT];
    hash_sha256_text(file->sha256, sha256);
    char path[MANIFEST_PATH_BYTES];
    manifest_path(path, kind, id, manifest->fanout);
    const struct manifest_value values[] = {
        MANIFEST_WHOLE(id), MANIFEST_TEXT(kind == MANIFEST_IMAGE ? "image" : "metadata"),
        MANIFEST_TEXT(path), MANIFEST_WHOLE(file->bytes), MANIFEST_TEXT(sha256)};
    return manifest_sql_run(manifest, MANIFEST_SQL_ADD_FILE, values, 5, error);
}

enum sgr_status manifest_add_item(struct manifest *manifest, const struct manifest_item *item,
                                  struct sgr_error *error)
{
    bool done = item->state == MANIFEST_DONE;
    const struct manifest_value values[] = {MANIFEST_WHOLE(item->id), MANIFEST_TEXT(item->recipe),
                                            MANIFEST_TEXT(done ? "done" : "failed"),
                                            MANIFEST_TEXT(done ? NULL : item->reason)};
    enum sgr_status status = manifest_sql_run(manifest, MANIFEST_SQL_ADD_ITEM, values, 4, error);
    if (status != SGR_OK)
        return status;
    if (!done)
        return manifest_sql_run(manifest, MANIFEST_SQL_REMOVE_FILES, values, 1, error);
    status = add_file(manifest, item->id, MANIFEST_IMAGE, &item->image, error);
    if (status == SGR_OK)
        status = add_file(manifest, item->id, MANIFEST_METADATA, &item->metadata, error);
    return status;
}

enum sgr_status manifest_add_document(struct manifest *manifest, const char *path,
                                      const struct manifest_file *file, struct sgr_error *error)
{
    ERROR_ASSERT(manifest_sql_is_inside(path));
    char sha256[HASH_SHA256_TEXT];
    hash_sha256_text(file->sha256, sha256);
    const struct manifest_value values[] = {MANIFEST_TEXT(path), MANIFEST_WHOLE(file->bytes),
                                            MANIFEST_TEXT(sha256)};
    return manifest_sql_run(manifest, MANIFEST_SQL_ADD_DOCUMENT, values, 3, error);
}

enum sgr_status manifest_remove_item(struct manifest *manifest, uint64_t id,
                                     struct sgr_error *error)
{
    const struct manifest_value values[] = {MANIFEST_WHOLE(id)};
    enum sgr_status status = manifest_sql_run(manifest, MANIFEST_SQL_REMOVE_ITEM, values, 1, error);
    return status == SGR_OK
               ? manifest_sql_run(manifest, MANIFEST_SQL_REMOVE_FILES, values, 1, error)
               : status;
}
