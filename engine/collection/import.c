/* Looks for the files by which each program's projects are known, the surest first. */
#include "collection/import.h"

#include "base/error.h"
#include "base/memory.h"
#include "collection/import_document.h"
#include "collection/import_hashlips.h"
#include "collection/import_lab.h"
#include "collection/import_python.h"
#include "os/file.h"

#include <string.h>

static enum sgr_status look_below(struct draft *draft, const char *name, enum file_kind *out_kind,
                                  const char **out_path, struct sgr_error *error)
{
    struct file_info info;
    const char *path = draft_full_path(draft, name);
    enum sgr_status status =
        path ? file_look(path, &info, error) : error_no_memory(error, "a path");
    if (status != SGR_OK)
        return status;
    *out_kind = info.kind;
    *out_path = path;
    return SGR_OK;
}

/* A config.js given by its path: the project is the folder above src. */
static enum sgr_status take_script(struct draft *draft, struct sgr_error *error)
{
    const char *slash = strrchr(draft->root, '/');
    const char *name = slash ? slash + 1 : draft->root;
    if (strcmp(name, "src") != 0)
        return SGR_OK;
    if (!slash)
        draft->root = ".";
    else
        draft->root = arena_text(&draft->collection->arena, draft->root,
                                 slash == draft->root ? 1 : (size_t)(slash - draft->root));
    draft->collection->root = draft->root;
    return draft->root ? SGR_OK : error_no_memory(error, "a path");
}

/* What stands in a folder without collection.json. */
static enum sgr_status find_in_folder(struct draft *draft, const char **path,
                                      enum import_kind *out_kind, struct sgr_error *error)
{
    enum file_kind kind;
    enum file_kind layers;
    const char *found;
    const char *ignored;
    enum sgr_status status = look_below(draft, "src/config.js", &kind, &found, error);
    if (status == SGR_OK)
        status = look_below(draft, "layers", &layers, &ignored, error);
    if (status != SGR_OK)
        return status;
    if (kind == FILE_REGULAR && layers == FILE_FOLDER) {
        *path = found;
        *out_kind = IMPORT_HASHLIPS;
        return SGR_OK;
    }
    status = look_below(draft, "config.json", &kind, &found, error);
    if (status == SGR_OK && kind == FILE_REGULAR && import_python_is(found)) {
        *path = found;
        *out_kind = IMPORT_PYTHON;
        return SGR_OK;
    }
    bool is_lab = draft->grammar == SGR_GRAMMAR_LAB;
    if (status == SGR_OK && draft->grammar == SGR_GRAMMAR_AUTO)
        status = import_lab_find(draft, &is_lab, error);
    if (status == SGR_OK && is_lab) {
        *path = draft->root;
        *out_kind = IMPORT_LAB;
    }
    return status;
}

enum sgr_status import_find(struct draft *draft, const char **path, enum import_kind *out_kind,
                            struct sgr_error *error)
{
    const char *config = *path;
    *out_kind = IMPORT_NONE;
    if (!config)
        return find_in_folder(draft, path, out_kind, error);
    const char *slash = strrchr(config, '/');
    if (text_ends_with_ignoring_case(config, ".js")) {
        *out_kind = IMPORT_HASHLIPS;
        return take_script(draft, error);
    }
    if (strcmp(slash ? slash + 1 : config, DRAFT_CONFIG_NAME) != 0 && import_python_is(config))
        *out_kind = IMPORT_PYTHON;
    return SGR_OK;
}

enum sgr_status import_read(struct draft *draft, enum import_kind kind, const char *path,
                            struct text *out_text, struct sgr_error *error)
{
    struct import_document document;
    enum sgr_status status;
    import_document_init(&document);
    if (kind == IMPORT_HASHLIPS)
        status = import_hashlips_read(draft, path, &document, error);
    else if (kind == IMPORT_PYTHON)
        status = import_python_read(draft, path, &document, error);
    else
        status = import_lab_read(draft, &document, error);
    if (status == SGR_OK)
        status = import_document_write(&document, out_text, error);
    import_document_finish(&document);
    return status;
}
