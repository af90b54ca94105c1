/*
 * Checking a folder against its manifest: every file that a row vouches for is read again, a page
 * of items at a time on all threads; then every name in the folder is looked up in the manifest.
 * Memory does not grow with the collection.
 */
#include "store/verify.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "os/file.h"
#include "store/item_folder.h"
#include "work/parallel.h"

#include <string.h>

enum { PAGE_FILES = 8192, READ_BYTES = 1 << 20, LINES_MAX = 100 };

enum finding { SAME, ALTERED, MISSING };

/* A file that a row vouches for, and what was found. */
struct check {
    uint64_t id;
    enum manifest_kind kind;
    struct manifest_file expected;
    enum finding finding;
};

/* What one thread works with; made when it takes its first job. */
struct scratch {
    struct hash_sha256 *hash;
    uint8_t *buffer;
    struct text path; /* of the file at hand */
    uint64_t bytes;   /* digested so far */
};

/* The first extra names in natural order, however the file system lists them. */
struct extras {
    char *names[LINES_MAX];
    size_t count;
};

struct verify {
    const char *folder;
    const struct sgr_cancel *cancel;
    const struct sgr_log *log;
    struct manifest *manifest;
    unsigned threads;
    struct scratch *scratches;
    struct check *page;
    size_t page_count;
    const char *listed; /* the subfolder being listed */
    struct extras extras;
    struct verify_result result;
};

static enum sgr_status check_cancel(const struct verify *verify, struct sgr_error *error)
{
    enum sgr_status status = cancel_status(verify->cancel);
    if (status == SGR_OK)
        return SGR_OK;
    return error_set(error, status, "%s: stopped before all files were checked; run it again",
                     verify->folder);
}

/* Makes ready what a job needs, with the path of the file `name` of the folder. */
static enum sgr_status ready_scratch(const struct verify *verify, struct scratch *scratch,
                                     const char *name, struct sgr_error *error)
{
    if (!scratch->hash)
        scratch->hash = hash_sha256_create();
    if (!scratch->buffer)
        scratch->buffer = memory_allocate(READ_BYTES, 1);
    text_clear(&scratch->path);
    text_format(&scratch->path, "%s/%s", verify->folder, name);
    if (!scratch->hash || !scratch->buffer || scratch->path.failed)
        return error_no_memory(error, "reading files");
    return SGR_OK;
}

/* Digests the open file at hand, whose size is file->bytes. */
static enum sgr_status digest_file(const struct verify *verify, struct scratch *scratch,
                                   struct open_file handle, struct manifest_file *file,
                                   struct sgr_error *error)
{
    enum sgr_status status = check_cancel(verify, error);
    uint64_t at = 0;
    hash_sha256_begin(scratch->hash);
    while (at < file->bytes && status == SGR_OK) {
        size_t step = file->bytes - at < READ_BYTES ? (size_t)(file->bytes - at) : READ_BYTES;
        status = file_read_at(handle, at, scratch->buffer, step, scratch->path.bytes, error);
        if (status != SGR_OK)
            break;
        hash_sha256_add(scratch->hash, scratch->buffer, step);
        at += step;
        status = check_cancel(verify, error);
    }
    hash_sha256_end(scratch->hash, file->sha256);
    scratch->bytes += at;
    return status;
}

/* Compares the file `name` of the folder with what its row says. */
static enum sgr_status check_file(const struct verify *verify, struct scratch *scratch,
                                  const char *name, struct check *check, struct sgr_error *error)
{
    struct file_info info = {FILE_MISSING, 0};
    enum sgr_status status = ready_scratch(verify, scratch, name, error);
    if (status == SGR_OK)
        status = file_look(scratch->path.bytes, &info, error);
    if (status != SGR_OK)
        return status;
    check->finding = info.kind == FILE_MISSING ? MISSING : ALTERED;
    if (info.kind != FILE_REGULAR || info.size != check->expected.bytes)
        return SGR_OK;
    struct open_file handle = OPEN_FILE_NONE;
    struct manifest_file found = {0};
    status = file_open_read(scratch->path.bytes, &handle, &found.bytes, error);
    if (status == SGR_OK && found.bytes == check->expected.bytes) {
        status = digest_file(verify, scratch, handle, &found, error);
        if (memcmp(found.sha256, check->expected.sha256, HASH_SHA256_BYTES) == 0)
            check->finding = SAME;
    }
    file_abandon(&handle);
    return status;
}

/* Counts a finding of a file and tells it while there are few of its kind. */
static void note_finding(struct verify *verify, const char *name, enum finding finding)
{
    struct verify_result *result = &verify->result;
    result->files++;
    if (finding == ALTERED && ++result->altered <= LINES_MAX)
        log_write(verify->log, SGR_LOG_WARNING, "altered: %s", name);
    if (finding == MISSING && ++result->missing <= LINES_MAX)
        log_write(verify->log, SGR_LOG_WARNING, "missing: %s", name);
}

static enum sgr_status check_job(void *context, size_t index, unsigned worker,
                                 struct sgr_error *error)
{
    struct verify *verify = context;
    struct check *check = &verify->page[index];
    char name[MANIFEST_PATH_BYTES];
    manifest_path(name, check->kind, check->id, manifest_fanout(verify->manifest));
    return check_file(verify, &verify->scratches[worker], name, check, error);
}

/* Checks the page's files on all threads and tells what was found in their order. */
static enum sgr_status check_page(struct verify *verify, struct sgr_error *error)
{
    enum sgr_status status =
        parallel_run(verify->threads, verify->page_count, check_job, verify, error);
    for (size_t index = 0; index < verify->page_count && status == SGR_OK; index++) {
        char name[MANIFEST_PATH_BYTES];
        manifest_path(name, verify->page[index].kind, verify->page[index].id,
                      manifest_fanout(verify->manifest));
        note_finding(verify, name, verify->page[index].finding);
    }
    verify->page_count = 0;
    return status;
}

static enum sgr_status visit_item(void *context, const struct manifest_item *item,
                                  struct sgr_error *error)
{
    struct verify *verify = context;
    if (item->state != MANIFEST_DONE) {
        verify->result.failed++;
        return SGR_OK;
    }
    verify->result.items++;
    verify->page[verify->page_count++] =
        (struct check){item->id, MANIFEST_IMAGE, item->image, MISSING};
    verify->page[verify->page_count++] =
        (struct check){item->id, MANIFEST_METADATA, item->metadata, MISSING};
    return verify->page_count == PAGE_FILES ? check_page(verify, error) : SGR_OK;
}

static enum sgr_status visit_document(void *context, const char *path,
                                      const struct manifest_file *file, struct sgr_error *error)
{
    struct verify *verify = context;
    struct check check = {.expected = *file};
    enum sgr_status status = check_file(verify, &verify->scratches[0], path, &check, error);
    if (status == SGR_OK)
        note_finding(verify, path, check.finding);
    return status;
}

/* Reads the id of a path that our own files have, such as "images/7.png". */
static bool read_item_path(const struct verify *verify, const char *path, uint64_t *out_id)
{
    char digits[24];
    char own_path[MANIFEST_PATH_BYTES];
    const char *name = strrchr(path, '/') + 1;
    size_t length = strcspn(name, ".");
    enum manifest_kind kind = strncmp(path, "images/", 7) == 0 ? MANIFEST_IMAGE : MANIFEST_METADATA;
    if (length >= sizeof digits)
        return false;
    memcpy(digits, name, length);
    digits[length] = '\0';
    if (!text_parse_whole(digits, INT64_MAX, out_id))
        return false;
    /* Any other spelling of the number, the ending or the sub-folder is another file. */
    manifest_path(own_path, kind, *out_id, manifest_fanout(verify->manifest));
    return strcmp(own_path, path) == 0;
}

/* Whether a path is a sub-folder as a fanout makes them; a link is none. */
static bool is_subfolder(const struct verify *verify, const char *path)
{
    uint64_t number = 0;
    char own_name[MANIFEST_PATH_BYTES];
    struct file_info info = {FILE_MISSING, 0};
    const char *name = strrchr(path, '/') + 1;
    if (manifest_fanout(verify->manifest) == 0 || path[0] == '.' ||
        !text_parse_whole(name, INT64_MAX, &number))
        return false;
    item_folder_sub_name(own_name, number);
    char *full = item_folder_join(verify->folder, path);
    bool is_folder = full && strcmp(own_name, name) == 0 &&
                     file_look(full, &info, NULL) == SGR_OK && info.kind == FILE_FOLDER;
    memory_free(full);
    return is_folder;
}

/* Keeps `name`, which it takes, when it is among the first in natural order. */
static void take_extra(struct extras *extras, char *name)
{
    size_t place = extras->count;
    while (place > 0 && text_compare_natural(name, extras->names[place - 1]) < 0)
        place--;
    if (place == LINES_MAX) {
        memory_free(name);
        return;
    }
    if (extras->count == LINES_MAX)
        memory_free(extras->names[--extras->count]);
    memmove(&extras->names[place + 1], &extras->names[place],
            (extras->count - place) * sizeof extras->names[0]);
    extras->names[place] = name;
    extras->count++;
}

static enum sgr_status visit_file(void *context, const char *name, struct sgr_error *error)
{
    struct verify *verify = context;
    uint64_t id = 0;
    bool found = false;
    char *path = item_folder_join(verify->listed, name);
    enum sgr_status status = path ? check_cancel(verify, error) : error_no_memory(error, "a path");
    if (status == SGR_OK && read_item_path(verify, path, &id)) {
        struct manifest_item ignored;
        status = manifest_find_done(verify->manifest, id, &ignored, &found, error);
    }
    if (status == SGR_OK && !found)
        status = manifest_has_document(verify->manifest, path, &found, error);
    if (status != SGR_OK || found) {
        memory_free(path);
        return status;
    }
    verify->result.extra++;
    take_extra(&verify->extras, path);
    return SGR_OK;
}

static enum sgr_status list_folder(struct verify *verify, const char *folder, file_visit visit,
                                   struct sgr_error *error)
{
    const char *outer = verify->listed;
    verify->listed = folder;
    char *path = item_folder_join(verify->folder, folder);
    enum sgr_status status =
        path ? file_each_name(path, visit, verify, error) : error_no_memory(error, "a path");
    memory_free(path);
    verify->listed = outer;
    return status;
}

/* A name of images/ or metadata/: a file, or a sub-folder whose names are looked up, too. */
static enum sgr_status visit_name(void *context, const char *name, struct sgr_error *error)
{
    struct verify *verify = context;
    char *path = item_folder_join(verify->listed, name);
    enum sgr_status status = SGR_OK;
    if (!path)
        status = error_no_memory(error, "a path");
    else if (is_subfolder(verify, path))
        status = list_folder(verify, path, visit_file, error);
    else
        status = visit_file(context, name, error);
    memory_free(path);
    return status;
}

/* Looks up every name of a subfolder; one that is not there has no extra files. */
static enum sgr_status check_names(struct verify *verify, const char *subfolder,
                                   struct sgr_error *error)
{
    struct file_info info = {FILE_MISSING, 0};
    char *path = item_folder_join(verify->folder, subfolder);
    enum sgr_status status =
        path ? file_look(path, &info, error) : error_no_memory(error, "a path");
    if (status == SGR_OK && info.kind == FILE_FOLDER)
        status = list_folder(verify, subfolder, visit_name, error);
    memory_free(path);
    return status;
}

static void log_rest(const struct verify *verify, const char *kind, uint64_t count)
{
    if (count > LINES_MAX)
        log_write(verify->log, SGR_LOG_WARNING, "%s: %llu more", kind,
                  (unsigned long long)(count - LINES_MAX));
}

static enum sgr_status check_all(struct verify *verify, struct sgr_error *error)
{
    static const char *const subfolders[] = {"images", "metadata", ".partial"};
    enum sgr_status status = manifest_each_item(verify->manifest, visit_item, verify, error);
    if (status == SGR_OK)
        status = check_page(verify, error);
    if (status == SGR_OK)
        status = manifest_each_document(verify->manifest, visit_document, verify, error);
    for (size_t index = 0; index < 3 && status == SGR_OK; index++)
        status = check_names(verify, subfolders[index], error);
    if (status != SGR_OK)
        return status;
    for (size_t index = 0; index < verify->extras.count; index++)
        log_write(verify->log, SGR_LOG_WARNING, "extra: %s", verify->extras.names[index]);
    log_rest(verify, "altered", verify->result.altered);
    log_rest(verify, "missing", verify->result.missing);
    log_rest(verify, "extra", verify->result.extra);
    return SGR_OK;
}

static enum sgr_status run_checks(struct verify *verify, struct sgr_error *error)
{
    enum sgr_status status = SGR_OK;
    verify->scratches = memory_allocate_zeroed(verify->threads, sizeof *verify->scratches);
    verify->page = memory_allocate(PAGE_FILES, sizeof *verify->page);
    if (verify->scratches && verify->page)
        status = check_all(verify, error);
    else
        status = error_no_memory(error, "checking files");
    for (unsigned index = 0; verify->scratches && index < verify->threads; index++) {
        struct scratch *scratch = &verify->scratches[index];
        verify->result.bytes += scratch->bytes;
        hash_sha256_destroy(&scratch->hash);
        memory_free(scratch->buffer);
        text_finish(&scratch->path);
    }
    for (size_t index = 0; index < verify->extras.count; index++)
        memory_free(verify->extras.names[index]);
    memory_free(verify->scratches);
    memory_free(verify->page);
    return status;
}

/*
 * Takes the folder, so that no run changes it meanwhile: its commits would wait for our reading.
 * Where folders cannot be locked (a network share that is read-only, say) no lock is success.
 */
static enum sgr_status hold_folder(const char *folder, struct open_file *out_lock,
                                   struct sgr_error *error)
{
    struct sgr_error reason;
    if (file_lock_folder(folder, out_lock, &reason) != SGR_USAGE)
        return SGR_OK;
    if (error)
        *error = reason;
    return SGR_USAGE;
}

enum sgr_status verify_folder(const char *folder, unsigned threads, const struct sgr_cancel *cancel,
                              const struct sgr_log *log, struct verify_result *out_result,
                              struct sgr_error *error)
{
    struct verify verify = {
        .folder = folder, .cancel = cancel, .log = log, .threads = threads > 0 ? threads : 1};
    struct open_file lock = OPEN_FILE_NONE;
    char *path = item_folder_join(folder, "manifest.db");
    enum sgr_status status =
        path ? hold_folder(folder, &lock, error) : error_no_memory(error, "a path");
    if (status == SGR_OK)
        status = manifest_open_reading(path, &verify.manifest, error);
    if (status == SGR_OK)
        status = run_checks(&verify, error);
    manifest_close(&verify.manifest);
    file_abandon(&lock);
    memory_free(path);
    if (status == SGR_OK)
        *out_result = verify.result;
    return status;
}
