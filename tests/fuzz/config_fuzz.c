/*
 * A libFuzzer target: the input is a collection.json beside a small art folder. It is read or
 * refused by one line that names the file; what was read is described, and rules are asked about
 * every item.
 */
#include "fuzz/fuzz_folder.h"

#include "collection/collection.h"
#include "collection/describe.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ITEMS_MAX = 2000 };

/* Three layers, which the corpus speaks of. */
static void make_art(void)
{
    fuzz_folder_make();
    fuzz_folder_picture("Body/King.png");
    fuzz_folder_picture("Body/Queen.png");
    fuzz_folder_picture("Hat/Crown.png");
    fuzz_folder_picture("Hat/Cap.png");
    fuzz_folder_picture("Hat/C*p.png");
    fuzz_folder_picture("Eyes/a.png");
}

/* Every item breaks the first broken rule and none before it. */
static void try_items(const struct collection *collection)
{
    uint16_t traits[COLLECTION_LAYERS_MAX] = {0};
    size_t layer = 0;
    for (size_t item = 0; item < ITEMS_MAX && layer < collection->layer_count; item++) {
        size_t broken = rules_broken(&collection->rules, traits);
        for (size_t rule = 0; rule < collection->rules.rule_count && rule <= broken; rule++)
            CHECK(rule_holds(&collection->rules.rules[rule], traits) == (rule != broken));
        for (layer = 0; layer < collection->layer_count; layer++) {
            if (++traits[layer] < collection->layers[layer].trait_count)
                break;
            traits[layer] = 0;
        }
    }
}

static void describe(const struct collection *collection)
{
    struct text text = {0};
    describe_collection(collection, SGR_FORMAT_TEXT, &text);
    CHECK(!text.failed && text.length);
    text_clear(&text);
    describe_collection(collection, SGR_FORMAT_JSON, &text);
    CHECK(!text.failed && text_is_utf8(text.bytes, text.length));
    text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[80];
    if (!*fuzz_folder)
        make_art();
    snprintf(path, sizeof path, "%s/collection.json", fuzz_folder);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    struct collection_options options = {.path = fuzz_folder};
    struct collection *collection = NULL;
    struct sgr_error error = {0};
    enum sgr_status status = collection_read(&options, &collection, &error);
    CHECK((status == SGR_OK) == (collection != NULL));
    if (status == SGR_OK) {
        describe(collection);
        try_items(collection);
    } else {
        CHECK(status == SGR_INPUT && error.text[0] && !strchr(error.text, '\n'));
    }
    collection_destroy(&collection);
    return 0;
}
