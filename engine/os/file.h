/*
 * Files and folders: whole reads with a limit, listings in byte order, and writes that are either
 * complete and durable under their final name or not there at all. Reading fails with SGR_INPUT,
 * writing with SGR_OUTPUT. Paths are bytes, as the system has them. Any thread.
 */
#ifndef SGR_OS_FILE_H
#define SGR_OS_FILE_H

#include <serigraph/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands at a path; symbolic links are followed, one that leads nowhere is FILE_OTHER. */
enum file_kind { FILE_MISSING, FILE_REGULAR, FILE_FOLDER, FILE_OTHER };

/* A look at a path. */
struct file_info {
    enum file_kind kind;
    uint64_t size; /* bytes; 0 for what is not regular */
};

/* One name of a folder. */
struct file_entry {
    char *name;
    struct file_info info;
};

/* A folder's names without "." and "..", sorted by bytes; owns its memory. */
struct file_list {
    struct file_entry *entries;
    size_t count;
    size_t capacity;
};

/* Bytes to be written one after another. */
struct file_piece {
    const void *bytes;
    size_t size;
};

/* Looks at a path. A missing one is success with FILE_MISSING. */
enum sgr_status file_look(const char *path, struct file_info *out_info,
                          struct sgr_error *error) SGR_MUST_USE;

/* Lists a folder; end it with file_list_finish, also after failure. Start from all zero. */
enum sgr_status file_list_read(struct file_list *list, const char *path,
                               struct sgr_error *error) SGR_MUST_USE;

/* Frees a list. */
void file_list_finish(struct file_list *list);

/* Called for one name of a folder; a status other than SGR_OK ends the walk and is returned. */
typedef enum sgr_status (*file_visit)(void *context, const char *name, struct sgr_error *error);

/*
 * Walks a folder's names in the order of the file system, without "." and "..", holding none of
 * them: for folders with millions of names.
 */
enum sgr_status file_each_name(const char *path, file_visit visit, void *context,
                               struct sgr_error *error) SGR_MUST_USE;

/*
 * Reads a whole regular file of at most `limit` bytes; *out_bytes is the caller's, to be freed
 * with memory_free, and has a zero byte after its end.
 */
enum sgr_status file_read(const char *path, uint64_t limit, uint8_t **out_bytes, size_t *out_size,
                          struct sgr_error *error) SGR_MUST_USE;

/* Makes a folder and those above it; one that is there already is success. */
enum sgr_status file_make_folders(const char *path, struct sgr_error *error) SGR_MUST_USE;

/* Removes a file; a missing one is success. */
enum sgr_status file_remove(const char *path, struct sgr_error *error) SGR_MUST_USE;

/* Removes an empty folder; one that is missing or not empty is left alone. */
void file_remove_folder_if_empty(const char *path);

/*
 * Makes a folder that did not exist, "<folder>/<prefix>" and six more characters, for this user
 * alone; *out_path is the caller's, to be freed with memory_free.
 */
enum sgr_status file_make_unique_folder(const char *folder, const char *prefix, char **out_path,
                                        struct sgr_error *error) SGR_MUST_USE;

/* Removes a folder with all that is in it; links are removed, not followed. */
enum sgr_status file_remove_tree(const char *path, struct sgr_error *error) SGR_MUST_USE;

/* Moves a file within a file system, replacing what stands there. */
enum sgr_status file_rename(const char *from, const char *to, struct sgr_error *error) SGR_MUST_USE;

/* Makes a folder's names durable. */
enum sgr_status file_sync_folder(const char *path, struct sgr_error *error) SGR_MUST_USE;

/* Bytes still free for this user on the file system of `path`; UINT64_MAX when unknown. */
uint64_t file_free_bytes(const char *path);

/* The path's absolute form without links, to be freed with memory_free; NULL when there is none. */
char *file_absolute(const char *path);

/* An open file; -1 means none. */
struct open_file {
    int descriptor;
};

#define OPEN_FILE_NONE ((struct open_file){-1})

/* Opens a file for reading. */
enum sgr_status file_open_read(const char *path, struct open_file *out_handle, uint64_t *out_size,
                               struct sgr_error *error) SGR_MUST_USE;

/* Opens a device's node for reading and writing; SGR_USAGE when this user may not. */
enum sgr_status file_open_device(const char *path, struct open_file *out_handle,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Creates or empties a file for writing. */
enum sgr_status file_open_write(const char *path, struct open_file *out_handle,
                                struct sgr_error *error) SGR_MUST_USE;

/* A nameless file in the temporary folder ($TMPDIR, else /tmp) that goes away with its handle. */
enum sgr_status file_open_scratch(struct open_file *out_handle,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Reads exactly `size` bytes at `offset`; a shorter file is SGR_INPUT. `name` is for the error. */
enum sgr_status file_read_at(struct open_file handle, uint64_t offset, void *bytes, size_t size,
                             const char *name, struct sgr_error *error) SGR_MUST_USE;

/* Writes all bytes at `offset`. */
enum sgr_status file_write_at(struct open_file handle, uint64_t offset, const void *bytes,
                              size_t size, const char *name, struct sgr_error *error) SGR_MUST_USE;

/* Asks the system to begin writing to disk what was written; only a hint. */
void file_write_back(struct open_file handle);

/* Waits until the file's bytes are durable. */
enum sgr_status file_sync(struct open_file handle, const char *name,
                          struct sgr_error *error) SGR_MUST_USE;

/* Closes and sets the handle to none; a late write error is SGR_OUTPUT. None is success. */
enum sgr_status file_close(struct open_file *handle, const char *name,
                           struct sgr_error *error) SGR_MUST_USE;

/* Closes after another failure, when a further error would say nothing new. */
void file_abandon(struct open_file *handle);

/*
 * Takes an existing folder for this process until file_abandon (or the end of the process);
 * SGR_USAGE when another process has taken it.
 */
enum sgr_status file_lock_folder(const char *path, struct open_file *out_handle,
                                 struct sgr_error *error) SGR_MUST_USE;

#endif
