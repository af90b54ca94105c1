/*
 * Reading manifests: values, walks, counts, and the digest of all rows. Whatever a row holds that
 * we would not have written is told as damage and never passed on.
 */
#include "base/error.h"
#include "store/manifest_sql.h"

#include <string.h>

enum sgr_status manifest_get(struct manifest *manifest, const char *key, struct text *out,
                             bool *out_found, struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[MANIFEST_SQL_GET];
    const struct manifest_value values[] = {MANIFEST_TEXT(key)};
    bool found = false;
    enum sgr_status status = manifest_sql_bind(manifest, MANIFEST_SQL_GET, values, 1, error);
    if (status == SGR_OK)
        status = manifest_sql_step(manifest, statement, &found, error);
    text_clear(out);
    if (status == SGR_OK && found) {
        const char *value = (const char *)sqlite3_column_text(statement, 0);
        text_add(out, value ? value : "");
        if (!value || out->failed)
            status = error_no_memory(error, "a value of the manifest");
    }
    manifest_sql_reset(manifest, MANIFEST_SQL_GET);
    if (status == SGR_OK)
        *out_found = found;
    return status;
}

/* The value of a lower-case hexadecimal digit, or -1. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Reads a size at `column` and a digest right of it; false when they are neither. */
static bool read_file(sqlite3_stmt *statement, int column, struct manifest_file *out_file)
{
    const char *text = (const char *)sqlite3_column_text(statement, column + 1);
    sqlite3_int64 bytes = sqlite3_column_int64(statement, column);
    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER || bytes < 0 || !text ||
        strlen(text) != HASH_SHA256_TEXT - 1)
        return false;
    out_file->bytes = (uint64_t)bytes;
    for (int index = 0; index < HASH_SHA256_BYTES; index++) {
        int high = digit_value(text[2 * index]);
        int low = digit_value(text[2 * index + 1]);
        if (high < 0 || low < 0)
            return false;
        out_file->sha256[index] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Reads the row of MANIFEST_SQL_SELECT_ITEM; its texts live until the next step. */
static enum sgr_status read_item(struct manifest *manifest, sqlite3_stmt *statement,
                                 struct manifest_item *out_item, struct sgr_error *error)
{
    sqlite3_int64 id = sqlite3_column_int64(statement, 0);
    const char *state = (const char *)sqlite3_column_text(statement, 1);
    struct manifest_item item = {
        .id = (uint64_t)id,
        .state = state && strcmp(state, "done") == 0 ? MANIFEST_DONE : MANIFEST_FAILED,
        .recipe = (const char *)sqlite3_column_text(statement, 2),
        .reason = (const char *)sqlite3_column_text(statement, 3),
    };
    if (sqlite3_errcode(manifest->database) == SQLITE_NOMEM)
        return error_no_memory(error, manifest->path);
    if (id < 0 || !state || !item.recipe)
        return manifest_sql_damaged(manifest, "an item's row is broken", error);
    if (item.state == MANIFEST_DONE &&
        (!read_file(statement, 4, &item.image) || !read_file(statement, 6, &item.metadata)))
        return manifest_sql_damaged(manifest, "a file's row is broken or missing", error);
    *out_item = item;
    return SGR_OK;
}

enum sgr_status manifest_each_item(struct manifest *manifest, manifest_visit visit, void *context,
                                   struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[MANIFEST_SQL_EACH_ITEM];
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK) {
        struct manifest_item item;
        bool row = false;
        status = manifest_sql_step(manifest, statement, &row, error);
        if (status != SGR_OK || !row)
            break;
        status = read_item(manifest, statement, &item, error);
        if (status == SGR_OK)
            status = visit(context, &item, error);
    }
    manifest_sql_reset(manifest, MANIFEST_SQL_EACH_ITEM);
    return status;
}

enum sgr_status manifest_find_done(struct manifest *manifest, uint64_t id,
                                   struct manifest_item *out_item, bool *out_found,
                                   struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[MANIFEST_SQL_FIND_ITEM];
    const struct manifest_value values[] = {MANIFEST_WHOLE(id)};
    struct manifest_item item = {.state = MANIFEST_FAILED};
    bool row = false;
    enum sgr_status status = manifest_sql_bind(manifest, MANIFEST_SQL_FIND_ITEM, values, 1, error);
    if (status == SGR_OK)
        status = manifest_sql_step(manifest, statement, &row, error);
    if (status == SGR_OK && row)
        status = read_item(manifest, statement, &item, error);
    manifest_sql_reset(manifest, MANIFEST_SQL_FIND_ITEM);
    if (status != SGR_OK)
        return status;
    *out_found = row && item.state == MANIFEST_DONE;
    if (*out_found) {
        item.recipe = NULL;
        item.reason = NULL;
        *out_item = item;
    }
    return SGR_OK;
}

enum sgr_status manifest_has_document(struct manifest *manifest, const char *path, bool *out_found,
                                      struct sgr_error *error)
{
    const struct manifest_value values[] = {MANIFEST_TEXT(path)};
    bool row = false;
    enum sgr_status status =
        manifest_sql_bind(manifest, MANIFEST_SQL_HAS_DOCUMENT, values, 1, error);
    if (status == SGR_OK)
        status = manifest_sql_step(manifest, manifest->statements[MANIFEST_SQL_HAS_DOCUMENT], &row,
                                   error);
    manifest_sql_reset(manifest, MANIFEST_SQL_HAS_DOCUMENT);
    if (status == SGR_OK)
        *out_found = row;
    return status;
}

enum sgr_status manifest_each_document(struct manifest *manifest, manifest_visit_document visit,
                                       void *context, struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[MANIFEST_SQL_EACH_DOCUMENT];
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK) {
        struct manifest_file file;
        bool row = false;
        status = manifest_sql_step(manifest, statement, &row, error);
        if (status != SGR_OK || !row)
            break;
        const char *path = (const char *)sqlite3_column_text(statement, 0);
        /* Documents are removed by their rows, so a path may not lead out of the folder. */
        if (!path || !manifest_sql_is_inside(path) || !read_file(statement, 1, &file))
            status = manifest_sql_damaged(manifest, "a document's row is broken", error);
        else
            status = visit(context, path, &file, error);
    }
    manifest_sql_reset(manifest, MANIFEST_SQL_EACH_DOCUMENT);
    return status;
}

enum sgr_status manifest_count(struct manifest *manifest, uint64_t *out_done, uint64_t *out_failed,
                               struct sgr_error *error)
{
    sqlite3_stmt *statement = manifest->statements[MANIFEST_SQL_COUNT];
    bool row = false;
    enum sgr_status status = manifest_sql_step(manifest, statement, &row, error);
    if (status == SGR_OK) {
        *out_done = row ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
        *out_failed = row ? (uint64_t)sqlite3_column_int64(statement, 1) : 0;
    }
    manifest_sql_reset(manifest, MANIFEST_SQL_COUNT);
    return status;
}

static void add_whole(struct hash_sha256 *hash, char tag, uint64_t value)
{
    uint8_t bytes[9] = {(uint8_t)tag};
    for (int index = 0; index < 8; index++)
        bytes[1 + index] = (uint8_t)(value >> (8 * index));
    hash_sha256_add(hash, bytes, sizeof bytes);
}

static void add_text(struct hash_sha256 *hash, char tag, const void *text, size_t length)
{
    add_whole(hash, tag, length);
    hash_sha256_add(hash, text, length);
}

/* Adds the columns of the current row; false for a value that no column of ours can hold. */
static bool add_row(struct hash_sha256 *hash, sqlite3_stmt *statement)
{
    int columns = sqlite3_column_count(statement);
    add_whole(hash, 'R', (uint64_t)columns);
    for (int column = 0; column < columns; column++) {
        int type = sqlite3_column_type(statement, column);
        const unsigned char *text =
            type == SQLITE_TEXT ? sqlite3_column_text(statement, column) : NULL;
        if (type == SQLITE_INTEGER)
            add_whole(hash, 'I', (uint64_t)sqlite3_column_int64(statement, column));
        else if (type == SQLITE_NULL)
            add_whole(hash, 'N', 0);
        else if (text)
            add_text(hash, 'S', text, (size_t)sqlite3_column_bytes(statement, column));
        else
            return false;
    }
    return true;
}

static enum sgr_status add_table(struct manifest *manifest, struct hash_sha256 *hash,
                                 const char *sql, struct sgr_error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(manifest->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return manifest_sql_fail(manifest, error);
    enum sgr_status status = SGR_OK;
    while (status == SGR_OK) {
        bool row = false;
        status = manifest_sql_step(manifest, statement, &row, error);
        if (status != SGR_OK || !row)
            break;
        if (!add_row(hash, statement))
            status = manifest_sql_damaged(manifest, "a value has a foreign type", error);
    }
    /* Repeats the failure of the last step, which is told already. */
    (void)sqlite3_finalize(statement);
    return status;
}

/*
 * The digested bytes: for each table, by name, 'T' and its name, then for each row, by primary
 * key, 'R' and its number of columns, then each column in the order below: 'I' and a whole number,
 * 'S' and a text, or 'N' and a zero for null. Every number is 8 bytes, lowest first (two's
 * complement); every text is its length in bytes as such a number, then its bytes. Keys that are
 * texts are ordered by bytes.
 */
enum sgr_status manifest_digest(struct manifest *manifest, uint8_t digest[HASH_SHA256_BYTES],
                                struct sgr_error *error)
{
    static const struct {
        const char *name;
        const char *sql;
    } tables[] = {
        {"document", "select path, bytes, sha256 from document order by path"},
        {"file", "select item, kind, path, bytes, sha256 from file order by item, kind"},
        {"item", "select id, recipe, state, reason from item order by id"},
        {"layer", "select id, name, trait_type from layer order by id"},
        {"run", "select key, value from run order by key"},
        {"trait", "select layer, id, name, value, asked, planned from trait order by layer, id"},
    };
    struct hash_sha256 *hash = hash_sha256_create();
    if (!hash)
        return error_no_memory(error, "the manifest's digest");
    enum sgr_status status = SGR_OK;
    hash_sha256_begin(hash);
    for (size_t index = 0; index < sizeof tables / sizeof *tables && status == SGR_OK; index++) {
        add_text(hash, 'T', tables[index].name, strlen(tables[index].name));
        status = add_table(manifest, hash, tables[index].sql, error);
    }
    uint8_t result[HASH_SHA256_BYTES];
    hash_sha256_end(hash, result);
    hash_sha256_destroy(&hash);
    if (status == SGR_OK)
        memcpy(digest, result, sizeof result);
    return status;
}
