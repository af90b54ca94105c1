/*
 * Serigraph: layered art becomes a numbered collection of images. This header brings in all of the
 * library; each of those it includes stands alone too, in C and C++.
 */
#ifndef SERIGRAPH_SERIGRAPH_H
#define SERIGRAPH_SERIGRAPH_H

#include <serigraph/art.h>
#include <serigraph/bench.h>
#include <serigraph/cancel.h>
#include <serigraph/device.h>
#include <serigraph/generate.h>
#include <serigraph/log.h>
#include <serigraph/plan.h>
#include <serigraph/recipe.h>
#include <serigraph/stage.h>
#include <serigraph/status.h>
#include <serigraph/types.h>
#include <serigraph/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version, as in the project's CMakeLists.txt: "0.1.0". */
SGR_API const char *sgr_version(void);

#ifdef __cplusplus
}
#endif

#endif
