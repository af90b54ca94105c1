/*
 * Loaded into the program by LD_PRELOAD: the Nth use of a kind of call fails, with nothing done.
 * FAULT_CALL is "write@7", or "write@7+" when all later ones fail too; FAULT_ERRNO the number of
 * the error that is given as the reason; FAULT_COUNTS a file that gets a line "KIND USES" a kind at
 * the end. Uses of the standard streams do not count.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The kinds of calls, and the error that is most common for each. */
#define KIND_LIST(X)                                                                               \
    X(MEMORY, "memory", ENOMEM)                                                                    \
    X(THREAD, "thread", EAGAIN)                                                                    \
    X(OPEN, "open", EMFILE)                                                                        \
    X(LOOK, "look", EACCES)                                                                        \
    X(READ, "read", EIO)                                                                           \
    X(WRITE, "write", ENOSPC)                                                                      \
    X(SYNC, "sync", EIO)                                                                           \
    X(CLOSE, "close", EIO)                                                                         \
    X(RENAME, "rename", EIO)                                                                       \
    X(MAKE, "make", EDQUOT)                                                                        \
    X(REMOVE, "remove", EROFS)                                                                     \
    X(LIST, "list", EACCES)                                                                        \
    X(SQLITE, "sqlite", 0)

enum kind {
#define KIND_ENUMERATOR(name, text, number) KIND_##name,
    KIND_LIST(KIND_ENUMERATOR)
#undef KIND_ENUMERATOR
        KIND_COUNT
};

static const char *const kind_texts[] = {
#define KIND_TEXT(name, text, number) text,
    KIND_LIST(KIND_TEXT)
#undef KIND_TEXT
};

static const int kind_errors[] = {
#define KIND_ERROR(name, text, number) number,
    KIND_LIST(KIND_ERROR)
#undef KIND_ERROR
};

static struct {
    bool ready; /* the environment was read */
    enum kind kind;
    unsigned long first; /* 0: none fails */
    bool for_good;
    int error;
    _Atomic int sqlite_error; /* of the call that failed last, until it was asked for */
    _Atomic unsigned long uses[KIND_COUNT];
} shim;

static void read_environment(void)
{
    const char *call = getenv("FAULT_CALL");
    const char *number = getenv("FAULT_ERRNO");
    const char *at = call ? strchr(call, '@') : NULL;
    for (int kind = 0; at && kind < KIND_COUNT; kind++) {
        size_t length = (size_t)(at - call);
        if (strlen(kind_texts[kind]) != length || memcmp(call, kind_texts[kind], length) != 0)
            continue;
        char *end;
        shim.kind = (enum kind)kind;
        shim.first = strtoul(at + 1, &end, 10);
        shim.for_good = *end == '+';
        shim.error = number ? atoi(number) : kind_errors[kind];
    }
    shim.ready = true;
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("FAULT_COUNTS");
    shim.first = 0;
    FILE *file = path ? fopen(path, "we") : NULL;
    for (int kind = 0; file && kind < KIND_COUNT; kind++)
        fprintf(file, "%s %lu\n", kind_texts[kind], atomic_load(&shim.uses[kind]));
    if (file)
        fclose(file);
}

/* Counts a use and tells whether it fails, for which errno is set. */
static bool fails(enum kind kind)
{
    if (!shim.ready)
        read_environment();
    unsigned long use = atomic_fetch_add(&shim.uses[kind], 1) + 1;
    if (shim.first == 0 || kind != shim.kind)
        return false;
    bool struck = shim.for_good ? use >= shim.first : use == shim.first;
    if (struck)
        errno = shim.error;
    return struck;
}

static bool fails_on(enum kind kind, int descriptor)
{
    return descriptor > STDERR_FILENO && fails(kind);
}

/* The function that the program would have called; POSIX allows the conversion, ISO C does not. */
#define REAL(name) (__extension__(__typeof__(&name)) real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* A call that gives `refusal` when it fails: its arguments as declared and as passed on. */
#define WRAP(kind, result, refusal, name, declared, passed)                                        \
    EXPORT result name declared                                                                    \
    {                                                                                              \
        return fails(kind) ? (refusal) : REAL(name) passed;                                        \
    }

#define WRAP_ON(kind, result, name, declared, passed)                                              \
    EXPORT result name declared                                                                    \
    {                                                                                              \
        return fails_on(kind, handle) ? -1 : REAL(name) passed;                                    \
    }

/* The C library's own names, as dlsym itself allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

EXPORT void *malloc(size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_realloc(old, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(KIND_MEMORY) ? NULL : __libc_memalign(alignment, size);
}

EXPORT int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (fails(KIND_MEMORY))
        return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

EXPORT int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails(KIND_OPEN) ? -1 : REAL(open)(path, flags, mode);
}

EXPORT int openat(int folder, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails(KIND_OPEN) ? -1 : REAL(openat)(folder, path, flags, mode);
}

/* SQLite asks for these. */
EXPORT int open64(const char *path, int flags, ...) __attribute__((alias("open")));

typedef void *(*body)(void *);

WRAP(KIND_THREAD, int, EAGAIN, pthread_create,
     (pthread_t * thread, const pthread_attr_t *how, body run, void *context),
     (thread, how, run, context))

WRAP_ON(KIND_READ, ssize_t, read, (int handle, void *bytes, size_t size), (handle, bytes, size))
WRAP_ON(KIND_READ, ssize_t, pread, (int handle, void *bytes, size_t size, off_t offset),
        (handle, bytes, size, offset))
WRAP_ON(KIND_READ, ssize_t, pread64, (int handle, void *bytes, size_t size, off64_t offset),
        (handle, bytes, size, offset))
WRAP_ON(KIND_WRITE, ssize_t, write, (int handle, const void *bytes, size_t size),
        (handle, bytes, size))
WRAP_ON(KIND_WRITE, ssize_t, pwrite, (int handle, const void *bytes, size_t size, off_t offset),
        (handle, bytes, size, offset))
WRAP_ON(KIND_WRITE, ssize_t, pwrite64, (int handle, const void *bytes, size_t size, off64_t offset),
        (handle, bytes, size, offset))
WRAP_ON(KIND_WRITE, int, ftruncate, (int handle, off_t size), (handle, size))
WRAP_ON(KIND_WRITE, int, ftruncate64, (int handle, off64_t size), (handle, size))
WRAP_ON(KIND_SYNC, int, fsync, (int handle), (handle))
WRAP_ON(KIND_SYNC, int, fdatasync, (int handle), (handle))
WRAP_ON(KIND_SYNC, int, syncfs, (int handle), (handle))

/* What close does is done also when it fails. */
EXPORT int close(int handle)
{
    bool failed = fails_on(KIND_CLOSE, handle);
    int result = REAL(close)(handle);
    if (!failed)
        return result;
    errno = shim.error;
    return -1;
}

WRAP(KIND_LOOK, int, -1, stat, (const char *path, struct stat *status), (path, status))
WRAP(KIND_LOOK, int, -1, lstat, (const char *path, struct stat *status), (path, status))
WRAP(KIND_LOOK, int, -1, fstatat, (int folder, const char *path, struct stat *status, int flags),
     (folder, path, status, flags))
WRAP_ON(KIND_LOOK, int, fstat, (int handle, struct stat *status), (handle, status))
WRAP(KIND_RENAME, int, -1, rename, (const char *from, const char *to), (from, to))
WRAP(KIND_RENAME, int, -1, renameat, (int folder, const char *from, int other, const char *to),
     (folder, from, other, to))
WRAP(KIND_MAKE, int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(KIND_MAKE, int, -1, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
WRAP(KIND_REMOVE, int, -1, unlink, (const char *path), (path))
WRAP(KIND_REMOVE, int, -1, unlinkat, (int folder, const char *path, int flags),
     (folder, path, flags))
WRAP(KIND_REMOVE, int, -1, rmdir, (const char *path), (path))
WRAP(KIND_LIST, DIR *, NULL, opendir, (const char *path), (path))
WRAP(KIND_LIST, struct dirent *, NULL, readdir, (DIR * folder), (folder))

/* SQLite itself knows nothing of a call that it never saw. */
EXPORT int sqlite3_extended_errcode(sqlite3 *database)
{
    int told = atomic_exchange(&shim.sqlite_error, 0);
    return told ? told : REAL(sqlite3_extended_errcode)(database);
}

static int refuse_sqlite(int error)
{
    atomic_store(&shim.sqlite_error, error);
    return error;
}

WRAP(KIND_SQLITE, int, refuse_sqlite(SQLITE_CANTOPEN), sqlite3_open_v2,
     (const char *path, sqlite3 **out, int flags, const char *system), (path, out, flags, system))
WRAP(KIND_SQLITE, int, refuse_sqlite(SQLITE_NOMEM), sqlite3_prepare_v3,
     (sqlite3 * database, const char *text, int size, unsigned flags, sqlite3_stmt **out,
      const char **rest),
     (database, text, size, flags, out, rest))
WRAP(KIND_SQLITE, int, refuse_sqlite(SQLITE_NOMEM), sqlite3_prepare_v2,
     (sqlite3 * database, const char *text, int size, sqlite3_stmt **out, const char **rest),
     (database, text, size, out, rest))
WRAP(KIND_SQLITE, int, refuse_sqlite(SQLITE_IOERR), sqlite3_step, (sqlite3_stmt * statement),
     (statement))

typedef int (*row)(void *, int, char **, char **);

WRAP(KIND_SQLITE, int, refuse_sqlite(SQLITE_FULL), sqlite3_exec,
     (sqlite3 * database, const char *text, row visit, void *context, char **out_error),
     (database, text, visit, context, out_error))
