/*
 * Open folders: files are made, renamed and removed by names in them, which spares the system the
 * walk along a path and stays right when the folder itself is moved. Any thread; failures are
 * SGR_OUTPUT.
 */
#ifndef SGR_OS_FILE_FOLDER_H
#define SGR_OS_FILE_FOLDER_H

#include "os/file.h"

/* An open folder. The path is borrowed, for messages. */
struct file_folder {
    struct open_file handle;
    const char *path;
};

/* Opens a folder; `path` must live until it is closed. */
enum sgr_status file_folder_open(const char *path, struct file_folder *out_folder,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Closes; none is success. */
void file_folder_close(struct file_folder *folder);

/* Writes the error "<what> <folder>/<name>: <errno>" and returns SGR_OUTPUT. */
enum sgr_status file_folder_fail(const struct file_folder *folder, const char *what,
                                 const char *name, struct sgr_error *error);

/* Creates or empties a file for writing. */
enum sgr_status file_folder_create(const struct file_folder *folder, const char *name,
                                   struct open_file *out_handle,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Removes a file; a missing one is success. */
enum sgr_status file_folder_remove(const struct file_folder *folder, const char *name,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Removes an empty folder in this one; one that is missing or not empty is left alone. */
void file_folder_remove_if_empty(const struct file_folder *folder, const char *name);

/* Makes a folder in this one, for good; one that is there already is success. */
enum sgr_status file_folder_make(const struct file_folder *folder, const char *name,
                                 struct sgr_error *error) SGR_MUST_USE;

/* Moves a file from one folder to another, replacing what stands there. */
enum sgr_status file_folder_rename(const struct file_folder *from, const char *from_name,
                                   const struct file_folder *to, const char *to_name,
                                   struct sgr_error *error) SGR_MUST_USE;

/* Makes the folder's names durable. */
enum sgr_status file_folder_sync(const struct file_folder *folder,
                                 struct sgr_error *error) SGR_MUST_USE;

/* The same for a folder in it. */
enum sgr_status file_folder_sync_in(const struct file_folder *folder, const char *name,
                                    struct sgr_error *error) SGR_MUST_USE;

/*
 * Whether file_folder_sync_all may stand for a sync of every file: the file system is one whose
 * syncfs is known to write everything, and the kernel one whose syncfs tells write errors.
 */
bool file_folder_can_sync_all(const struct file_folder *folder);

/* Makes everything that was written on the folder's file system durable, with one call. */
enum sgr_status file_folder_sync_all(const struct file_folder *folder,
                                     struct sgr_error *error) SGR_MUST_USE;

#endif
