/* All items' metadata in one file, streamed. */
#ifndef SGR_PUBLISH_METADATA_JOIN_H
#define SGR_PUBLISH_METADATA_JOIN_H

#include "publish/metadata.h"
#include "publish/tally.h"
#include "store/manifest.h"

/*
 * Writes FOLDER/metadata/_metadata.json, a JSON array of the objects of every item that the
 * manifest has done, by ascending id, and its document row; counts these items in `tally`, which
 * was begun. The array is never held in memory. With `keep`, a file that has a row is left as it
 * is, and items are only counted.
 */
enum sgr_status metadata_join(const struct metadata_options *options, struct manifest *manifest,
                              const char *folder, bool keep, struct tally *tally,
                              struct sgr_error *error) SGR_MUST_USE;

#endif
