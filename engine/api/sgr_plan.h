/* The plan object behind serigraph/plan.h, as the other API files see it. */
#ifndef SGR_API_SGR_PLAN_H
#define SGR_API_SGR_PLAN_H

#include "plan/plan.h"
#include "publish/explain_report.h"
#include "publish/tally.h"
#include "sheet/sprite.h"

#include <serigraph/plan.h>

/* A plan and the art it draws with. */
struct sgr_plan {
    struct plan *plan;
    struct sprite_set *sprites;
    struct explanation explanation; /* all zero unless explained */
    bool explained;
    unsigned threads;
    uint64_t memory_bytes;
    struct sgr_stage_metrics planning; /* deciding; all zero when opened from a file */
    struct tally made; /* by the last sgr_generate; its folder's items, or those kept nowhere */
};

#endif
