/* A plan's items as text that people and programs read: the recipes format, or a table. */
#ifndef SGR_PUBLISH_EXPORT_H
#define SGR_PUBLISH_EXPORT_H

#include "plan/plan.h"
#include "sheet/sprite.h"

/*
 * Writes every item. SGR_FORMAT_JSON_LINES: {"id", "layers", "attributes"} with the parts in draw
 * order, each a path, or an object when it has a blend mode, an opacity or a place.
 * SGR_FORMAT_CSV: the id and a column a layer.
 */
enum sgr_status export_items(struct plan *plan, enum sgr_format format, const struct sgr_sink *sink,
                             struct sgr_error *error) SGR_MUST_USE;

/* Hands a text to a sink; SGR_OUTPUT when it refuses, SGR_NO_MEMORY for a failed text. */
enum sgr_status export_send(const struct text *text, const struct sgr_sink *sink,
                            struct sgr_error *error) SGR_MUST_USE;

#endif
