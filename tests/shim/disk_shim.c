/*
 * Loaded into the program by LD_PRELOAD: writes down, in the order in which they happen, all
 * changes that it makes to files and folders below DISK_ROOT (an absolute path), and all that it
 * makes durable. tests/e2e/disk_model.py reads the journal DISK_JOURNAL and tells what a power
 * cut would have left. One lock for each call and its line, so that the order is the true one.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The function that the program would have called; POSIX allows the conversion, ISO C does not. */
#define REAL(name) (__extension__(__typeof__(&name)) real(#name))

/* The same numbers stand in disk_model.py. */
enum change {
    CHANGE_OPEN,     /* path, inode, value: 1 when its bytes go */
    CHANGE_WRITE,    /* inode, value: offset, bytes */
    CHANGE_RESIZE,   /* inode, value: size */
    CHANGE_SYNC,     /* inode, path of a folder */
    CHANGE_SYNC_ALL, /* nothing */
    CHANGE_RENAME,   /* path, other */
    CHANGE_MAKE,     /* path of a folder */
    CHANGE_REMOVE    /* path */
};

/* A line's head; path, other and bytes follow. */
struct line {
    uint32_t change;
    uint32_t path_size;
    uint32_t other_size;
    uint32_t size;
    uint64_t inode;
    uint64_t value;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("DISK_JOURNAL");
    if (path && getenv("DISK_ROOT"))
        journal = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void append(const void *bytes, size_t size)
{
    if (REAL(write)(journal, bytes, size) != (ssize_t)size)
        abort();
}

static void note(struct line line, const char *path, const char *other, const void *bytes)
{
    line.path_size = path ? (uint32_t)strlen(path) : 0;
    line.other_size = other ? (uint32_t)strlen(other) : 0;
    append(&line, sizeof line);
    append(path, line.path_size);
    append(other, line.other_size);
    append(bytes, line.size);
}

/* Where a handle leads to. */
static bool follow(int handle, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    if (length < 0)
        return false;
    out[length] = '\0';
    return true;
}

/* The absolute path; false when it is not below the root. */
static bool place(int folder, const char *path, char out[PATH_MAX])
{
    char base[PATH_MAX] = "";
    const char *root = getenv("DISK_ROOT");
    if (journal < 0)
        return false;
    bool found = path[0] == '/' ||
                 (folder == AT_FDCWD ? getcwd(base, sizeof base) != NULL : follow(folder, base));
    int length = snprintf(out, PATH_MAX, path[0] == '/' ? "%s%s" : "%s/%s", base, path);
    return found && length < PATH_MAX && strncmp(out, root, strlen(root)) == 0;
}

static uint64_t inode_of(int handle, bool *out_folder)
{
    struct stat status = {0};
    REAL(fstat)(handle, &status);
    *out_folder = S_ISDIR(status.st_mode);
    return status.st_ino;
}

EXPORT int openat(int folder, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    char full[PATH_MAX];
    bool changes = (flags & (O_CREAT | O_TRUNC)) != 0 && place(folder, path, full);
    pthread_mutex_lock(&lock);
    int handle = REAL(openat)(folder, path, flags, mode);
    if (handle >= 0 && changes) {
        bool ignored;
        uint64_t inode = inode_of(handle, &ignored);
        note((struct line){CHANGE_OPEN, 0, 0, 0, inode, (flags & O_TRUNC) != 0}, full, NULL, NULL);
    }
    pthread_mutex_unlock(&lock);
    return handle;
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openat(AT_FDCWD, path, flags, mode);
}

/* SQLite asks for this one. */
EXPORT int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* Notes a write below the lock; `offset` is where it went. */
static void note_write(int handle, const void *bytes, ssize_t done, uint64_t offset)
{
    bool is_folder;
    int reason = errno;
    if (done > 0 && handle > STDERR_FILENO && journal >= 0)
        note(
            (struct line){CHANGE_WRITE, 0, 0, (uint32_t)done, inode_of(handle, &is_folder), offset},
            NULL, NULL, bytes);
    errno = reason;
}

EXPORT ssize_t write(int handle, const void *bytes, size_t size)
{
    pthread_mutex_lock(&lock);
    off_t offset = handle > STDERR_FILENO ? lseek(handle, 0, SEEK_CUR) : 0;
    ssize_t done = REAL(write)(handle, bytes, size);
    note_write(handle, bytes, done, (uint64_t)offset);
    pthread_mutex_unlock(&lock);
    return done;
}

EXPORT ssize_t pwrite(int handle, const void *bytes, size_t size, off_t offset)
{
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(pwrite)(handle, bytes, size, offset);
    note_write(handle, bytes, done, (uint64_t)offset);
    pthread_mutex_unlock(&lock);
    return done;
}

EXPORT ssize_t pwrite64(int handle, const void *bytes, size_t size, off_t offset)
    __attribute__((alias("pwrite")));

EXPORT int ftruncate(int handle, off_t size)
{
    pthread_mutex_lock(&lock);
    int result = REAL(ftruncate)(handle, size);
    bool is_folder;
    if (result == 0 && journal >= 0)
        note((struct line){CHANGE_RESIZE, 0, 0, 0, inode_of(handle, &is_folder), (uint64_t)size},
             NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int ftruncate64(int handle, off_t size) __attribute__((alias("ftruncate")));

/* Notes that a handle's file or folder is durable now. */
static int synced(int handle, int result)
{
    char path[PATH_MAX] = "";
    bool is_folder;
    uint64_t inode = inode_of(handle, &is_folder);
    if (result == 0 && journal >= 0 && (!is_folder || follow(handle, path)))
        note((struct line){CHANGE_SYNC, 0, 0, 0, inode, 0}, path, NULL, NULL);
    return result;
}

EXPORT int fsync(int handle)
{
    pthread_mutex_lock(&lock);
    int result = synced(handle, REAL(fsync)(handle));
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int fdatasync(int handle)
{
    pthread_mutex_lock(&lock);
    int result = synced(handle, REAL(fdatasync)(handle));
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int syncfs(int handle)
{
    pthread_mutex_lock(&lock);
    int result = REAL(syncfs)(handle);
    if (result == 0 && journal >= 0)
        note((struct line){.change = CHANGE_SYNC_ALL}, NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int renameat(int folder, const char *from, int other_folder, const char *to)
{
    char path[PATH_MAX];
    char other[PATH_MAX];
    bool inside = place(folder, from, path) && place(other_folder, to, other);
    pthread_mutex_lock(&lock);
    int result = REAL(renameat)(folder, from, other_folder, to);
    if (result == 0 && inside)
        note((struct line){.change = CHANGE_RENAME}, path, other, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

EXPORT int mkdirat(int folder, const char *path, mode_t mode)
{
    char full[PATH_MAX];
    bool inside = place(folder, path, full);
    pthread_mutex_lock(&lock);
    int result = REAL(mkdirat)(folder, path, mode);
    if (result == 0 && inside)
        note((struct line){.change = CHANGE_MAKE}, full, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

EXPORT int unlinkat(int folder, const char *path, int flags)
{
    char full[PATH_MAX];
    bool inside = place(folder, path, full);
    pthread_mutex_lock(&lock);
    int result = REAL(unlinkat)(folder, path, flags);
    if (result == 0 && inside)
        note((struct line){.change = CHANGE_REMOVE}, full, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return result;
}

EXPORT int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

EXPORT int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
