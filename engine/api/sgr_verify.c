/* Verification, with the manifest's own digest. */
#include "api/api_check.h"
#include "api/sgr_art.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/item_folder.h"
#include "store/manifest.h"
#include "store/verify.h"

#include <serigraph/serigraph.h>

const char *sgr_version(void)
{
    return SERIGRAPH_VERSION;
}

/* Reads what only the manifest knows: its digest and how many items were planned. */
static enum sgr_status read_manifest(const char *folder, struct sgr_verify_result *result,
                                     struct sgr_error *error)
{
    struct manifest *manifest = NULL;
    struct text planned = {0};
    uint8_t digest[HASH_SHA256_BYTES];
    bool found = false;
    char *path = item_folder_join(folder, "manifest.db");
    enum sgr_status status =
        path ? manifest_open_reading(path, &manifest, error) : error_no_memory(error, "a path");
    if (status == SGR_OK)
        status = manifest_digest(manifest, digest, error);
    if (status == SGR_OK)
        status = manifest_get(manifest, "items", &planned, &found, error);
    if (status == SGR_OK) {
        hash_sha256_text(digest, result->digest);
        if (found)
            (void)text_parse_whole(planned.bytes, UINT64_MAX, &result->planned);
    }
    text_finish(&planned);
    manifest_close(&manifest);
    memory_free(path);
    return status;
}

enum sgr_status sgr_verify(const char *folder, unsigned threads, struct sgr_cancel *cancel,
                           const struct sgr_log *log, struct sgr_verify_result *out_result,
                           struct sgr_error *error)
{
    if (!(folder && out_result))
        return api_check(false, "sgr_verify", error);
    struct verify_result found;
    uint64_t memory = 0;
    enum sgr_status status = sgr_art_resolve(&threads, &memory, error);
    if (status == SGR_OK)
        status = verify_folder(folder, threads, cancel, log, &found, error);
    if (status != SGR_OK)
        return status;
    struct sgr_verify_result result = {.items = found.items,
                                       .files = found.files,
                                       .bytes = found.bytes,
                                       .altered = found.altered,
                                       .missing = found.missing,
                                       .extra = found.extra,
                                       .failed = found.failed};
    status = read_manifest(folder, &result, error);
    if (status != SGR_OK)
        return status;
    *out_result = result;
    if (result.altered || result.missing || result.extra || result.failed)
        return error_set(error, SGR_PARTIAL,
                         "%s: %llu altered, %llu missing, %llu extra, %llu failed; remove what "
                         "is extra, delete what is altered, and run generate again",
                         folder, (unsigned long long)result.altered,
                         (unsigned long long)result.missing, (unsigned long long)result.extra,
                         (unsigned long long)result.failed);
    return SGR_OK;
}
