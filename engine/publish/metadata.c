/* The objects are written by hand, key by key in a fixed order, so that their bytes never vary. */
#include "publish/metadata.h"

#include "publish/attributes.h"
#include "store/manifest.h"

#include <string.h>

void metadata_add_item(const struct metadata_options *options, const struct plan_item *item,
                       struct text *out)
{
    const struct collection *collection = plan_collection(options->plan);
    struct text line = {0};
    text_format(&line, "%s #%llu", collection->name, (unsigned long long)item->id);
    text_add(out, "{\n  \"name\": ");
    text_json(out, line.bytes ? line.bytes : "");
    text_add(out, ",\n  \"description\": ");
    text_json(out, collection->description);
    text_clear(&line);
    char path[MANIFEST_PATH_BYTES];
    manifest_path(path, MANIFEST_IMAGE, item->id, options->fanout);
    text_format(&line, "%s%s", options->image_prefix, strchr(path, '/') + 1);
    text_add(out, ",\n  \"image\": ");
    text_json(out, line.bytes ? line.bytes : "");
    out->failed |= line.failed;
    text_finish(&line);
    text_format(out, ",\n  \"edition\": %llu,\n  \"attributes\": [", (unsigned long long)item->id);
    size_t count = attributes_add(options->plan, item, "\n    ", ",\n    ", out);
    text_add(out, count ? "\n  ]\n}" : "]\n}");
}
