/*
 * New files, joined from pieces in a buffer and written past the page cache where the file system
 * allows it: copying into fresh pages of the cache costs more than all else that writing does.
 * Thread rule: one thread at a time.
 */
#ifndef SGR_OS_FILE_WRITER_H
#define SGR_OS_FILE_WRITER_H

#include "os/file_folder.h"

/* Bytes of a writer's buffer; larger files are written in several steps of this size. */
enum { FILE_WRITER_BYTES = 1 << 20 };

/* Start from file_writer_init, end with file_writer_finish. */
struct file_writer {
    uint8_t *buffer; /* [FILE_WRITER_BYTES], aligned for the disk */
    size_t used;
    uint64_t written; /* bytes of the file that left the buffer */
    struct open_file handle;
    uint64_t cached; /* of those, bytes that went to the page cache */
    bool direct;     /* the handle goes past the page cache */
    bool refused;    /* the file system does not let any */
    const struct file_folder *folder;
    const char *name;
};

/* Makes a writer ready. */
enum sgr_status file_writer_init(struct file_writer *writer, struct sgr_error *error) SGR_MUST_USE;

/* Frees what a writer has, also after failure or when all zero. */
void file_writer_finish(struct file_writer *writer);

/*
 * Creates or empties a file that will have `size` bytes, which decides how it is written. Folder
 * and name must live until the end of the file.
 */
enum sgr_status file_writer_begin(struct file_writer *writer, const struct file_folder *folder,
                                  const char *name, uint64_t size,
                                  struct sgr_error *error) SGR_MUST_USE;

/* Adds bytes. */
enum sgr_status file_writer_add(struct file_writer *writer, const void *bytes, size_t size,
                                struct sgr_error *error) SGR_MUST_USE;

/* Writes what is left and hands the file over; nothing of it is durable yet. */
enum sgr_status file_writer_end(struct file_writer *writer, struct open_file *out_handle,
                                struct sgr_error *error) SGR_MUST_USE;

/* Closes a file after a failure; it stays as far as it was written. */
void file_writer_abandon(struct file_writer *writer);

#endif
