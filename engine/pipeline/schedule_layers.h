/* Which layers to sort items by, first to last. */
#ifndef SGR_PIPELINE_SCHEDULE_LAYERS_H
#define SGR_PIPELINE_SCHEDULE_LAYERS_H

#include "pipeline/schedule.h"

/*
 * Writes all layers to `layers` [layer_count], those first that decide the bands with the fewest
 * different strips. A function of plan and art. SGR_INPUT when the plan's file is damaged.
 */
enum sgr_status schedule_layers_choose(const struct schedule_source *source, uint16_t *layers,
                                       struct sgr_error *error) SGR_MUST_USE;

#endif
