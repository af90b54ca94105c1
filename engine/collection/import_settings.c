/* One form for all messages, so that every one has file, line and name. */
#include "collection/import_settings.h"

#include "base/error.h"

enum { SCALE = 1000000000 };

enum sgr_status import_settings_refuse(const struct import_settings *settings,
                                       const struct script_value *value, const char *text,
                                       struct sgr_error *error)
{
    return error_set(error, SGR_INPUT, "%s:%zu: %s%s%s", settings->path, value->line, value->key,
                     *value->key ? ": " : "", text);
}

enum sgr_status import_settings_pass(const struct import_settings *settings,
                                     const struct script_value *value, enum sgr_log_level level,
                                     const char *text, struct sgr_error *error)
{
    return draft_notice(settings->draft, error, level, "import-setting",
                        "%s:%zu: %s is passed over%s%s", settings->path, value->line,
                        *value->key ? value->key : "an entry", *text ? ": " : "", text);
}

enum sgr_status import_settings_text(const struct import_settings *settings,
                                     const struct script_value *object, const char *key,
                                     const char **out_text, struct sgr_error *error)
{
    const struct script_value *value = script_find(object, key);
    *out_text = NULL;
    if (!value || value->kind == SCRIPT_NULL)
        return SGR_OK;
    if (value->kind != SCRIPT_TEXT)
        return import_settings_pass(settings, value, SGR_LOG_WARNING, "it is no plain text", error);
    *out_text = *value->text ? value->text : NULL;
    return SGR_OK;
}

bool import_settings_whole(const struct script_value *value, uint64_t limit, uint64_t *out_whole)
{
    if (!value || value->kind != SCRIPT_NUMBER || value->negative || value->number % SCALE ||
        value->number / SCALE > limit)
        return false;
    *out_whole = value->number / SCALE;
    return true;
}
