/*
 * The inside of a manifest, for the files that make up its module: the SQLite connection, the
 * statements it keeps, and how SQLite's failures become ours.
 */
#ifndef SGR_STORE_MANIFEST_SQL_H
#define SGR_STORE_MANIFEST_SQL_H

#include "store/manifest.h"

#include <sqlite3.h>

/* Every statement that a manifest keeps: its name and its text. */
#define MANIFEST_SQL_LIST(X)                                                                       \
    X(MANIFEST_SQL_BEGIN, "begin immediate")                                                       \
    X(MANIFEST_SQL_COMMIT, "commit")                                                               \
    X(MANIFEST_SQL_GET, "select value from run where key = ?1")                                    \
    X(MANIFEST_SQL_SET, "insert or replace into run(key, value) values(?1, ?2)")                   \
    X(MANIFEST_SQL_ADD_LAYER,                                                                      \
      "insert or replace into layer(id, name, trait_type) values(?1, ?2, ?3)")                     \
    X(MANIFEST_SQL_ADD_TRAIT,                                                                      \
      "insert or replace into trait(layer, id, name, value, asked, planned)"                       \
      " values(?1, ?2, ?3, ?4, ?5, ?6)")                                                           \
    X(MANIFEST_SQL_ADD_ITEM,                                                                       \
      "insert or replace into item(id, recipe, state, reason) values(?1, ?2, ?3, ?4)")             \
    X(MANIFEST_SQL_ADD_FILE,                                                                       \
      "insert or replace into file(item, kind, path, bytes, sha256) values(?1, ?2, ?3, ?4, ?5)")   \
    X(MANIFEST_SQL_ADD_DOCUMENT,                                                                   \
      "insert or replace into document(path, bytes, sha256) values(?1, ?2, ?3)")                   \
    X(MANIFEST_SQL_REMOVE_ITEM, "delete from item where id = ?1")                                  \
    X(MANIFEST_SQL_REMOVE_FILES, "delete from file where item = ?1")                               \
    X(MANIFEST_SQL_EACH_ITEM, MANIFEST_SQL_SELECT_ITEM " order by i.id")                           \
    X(MANIFEST_SQL_FIND_ITEM, MANIFEST_SQL_SELECT_ITEM " where i.id = ?1")                         \
    X(MANIFEST_SQL_EACH_DOCUMENT, "select path, bytes, sha256 from document order by path")        \
    X(MANIFEST_SQL_HAS_DOCUMENT, "select 1 from document where path = ?1")                         \
    X(MANIFEST_SQL_COUNT, "select total(state = 'done'), total(state = 'failed') from item")

#define MANIFEST_SQL_SELECT_ITEM                                                                   \
    "select i.id, i.state, i.recipe, i.reason, a.bytes, a.sha256, b.bytes, b.sha256 from item i"   \
    " left join file a on a.item = i.id and a.kind = 'image'"                                      \
    " left join file b on b.item = i.id and b.kind = 'metadata'"

enum manifest_sql {
#define MANIFEST_SQL_ENUMERATOR(name, text) name,
    MANIFEST_SQL_LIST(MANIFEST_SQL_ENUMERATOR)
#undef MANIFEST_SQL_ENUMERATOR
        MANIFEST_SQL_COUNT_OF
};

struct manifest {
    sqlite3 *database;
    char *path;
    bool reading;    /* opened for reading only */
    uint64_t fanout; /* as table run has it */
    sqlite3_stmt *statements[MANIFEST_SQL_COUNT_OF];
};

/* What a parameter of a statement shall be. */
struct manifest_value {
    enum { MANIFEST_VALUE_WHOLE, MANIFEST_VALUE_TEXT } type;
    uint64_t whole;
    const char *text; /* NULL becomes SQL's null */
};

#define MANIFEST_WHOLE(number) ((struct manifest_value){MANIFEST_VALUE_WHOLE, (number), NULL})
#define MANIFEST_TEXT(bytes) ((struct manifest_value){MANIFEST_VALUE_TEXT, 0, (bytes)})

/* Opens a connection with SQLite's open flags; nothing is read from the file yet. */
enum sgr_status manifest_sql_connect(const char *path, int flags, struct manifest **out_manifest,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Prepares every statement that is kept; SGR_INPUT when a table or column is missing. */
enum sgr_status manifest_sql_prepare(struct manifest *manifest,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Runs statements that give no rows and have no parameters. */
enum sgr_status manifest_sql_execute(struct manifest *manifest, const char *sql,
                                     struct sgr_error *error) SGR_MUST_USE;

/* Reads a pragma that is a whole number. */
enum sgr_status manifest_sql_pragma(struct manifest *manifest, const char *sql, int64_t *out_value,
                                    struct sgr_error *error) SGR_MUST_USE;

/* Gives a kept statement its parameters; the texts must live until manifest_sql_reset. */
enum sgr_status manifest_sql_bind(struct manifest *manifest, enum manifest_sql which,
                                  const struct manifest_value *values, size_t count,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Steps to the next row; *out_row is false after the last. */
enum sgr_status manifest_sql_step(struct manifest *manifest, sqlite3_stmt *statement, bool *out_row,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Makes a kept statement ready to be bound again. */
void manifest_sql_reset(struct manifest *manifest, enum manifest_sql which);

/* Binds, runs to the end and resets a statement that gives no rows. */
enum sgr_status manifest_sql_run(struct manifest *manifest, enum manifest_sql which,
                                 const struct manifest_value *values, size_t count,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Writes the error for the connection's last failure and returns its status. */
enum sgr_status manifest_sql_fail(const struct manifest *manifest, struct sgr_error *error);

/* The error for a manifest whose contents cannot be ours; `what` says what is wrong. */
enum sgr_status manifest_sql_damaged(const struct manifest *manifest, const char *what,
                                     struct sgr_error *error);

/* Whether a path is relative and names something inside the folder it is relative to. */
bool manifest_sql_is_inside(const char *path);

#endif
