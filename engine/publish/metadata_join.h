/* All items' metadata in one file, streamed. */
#ifndef SGR_PUBLISH_METADATA_JOIN_H
#define SGR_PUBLISH_METADATA_JOIN_H

#include "publish/metadata.h"
#include "publish/tally.h"
#include "store/manifest.h"

/*
 * Writes FOLDER/metadata/_metadata.json, a JSON array of the objects of every item that the
 * manifest has done, by ascending id, and its document row; counts these items in `tally`, which
 * was begun. The array is never held in memory. A file that was made from as many items as are
 * done now is left as it is.
 */
enum sgr_status metadata_join(const struct metadata_options *options, struct manifest *manifest,
                              const char *folder, struct tally *tally,
                              struct sgr_error *error) SGR_MUST_USE;

#endif
