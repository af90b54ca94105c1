/*
 * A libFuzzer target: the first byte says whether the rest is a config.js of HashLips ('j'), a
 * config.json of nft-generator-py ('p') or a name of hashlips-lab (all else). Settings are read
 * or refused by one line that names the file; what was read is written down and read again.
 */
#include "fuzz/fuzz_folder.h"

#include "collection/collection.h"
#include "collection/init_document.h"
#include "collection/lab_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 256 };

/* Three layers, which the corpus speaks of. */
static void make_art(void)
{
    fuzz_folder_make();
    fuzz_folder_picture("layers/Body/King#2.png");
    fuzz_folder_picture("layers/Body/Queen#1.png");
    fuzz_folder_picture("layers/Hat/Crown#1.png");
    fuzz_folder_picture("layers/Hat/tall#2/Cap#1.png");
    fuzz_folder_picture("layers/Eyes/a.png");
    fuzz_folder_picture("src/b.png");
}

static void put(const char *name, const uint8_t *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void take_away(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    (void)unlink(path);
}

static struct collection *read_art(bool may_fail)
{
    struct collection_options options = {.path = fuzz_folder};
    struct collection *collection = NULL;
    struct sgr_error error = {0};
    enum sgr_status status = collection_read(&options, &collection, &error);
    CHECK((status == SGR_OK) == (collection != NULL));
    CHECK(status == SGR_OK || (may_fail && status == SGR_INPUT));
    CHECK(status == SGR_OK || (error.text[0] && !strchr(error.text, '\n')));
    return collection;
}

/* What init writes reads as the same. */
static void read_again(const struct collection *collection)
{
    struct text text = {0};
    CHECK(init_document_write(collection, &text, NULL) == SGR_OK);
    put("collection.json", (const uint8_t *)text.bytes, text.length);
    struct collection *again = read_art(false);
    CHECK(again->layer_count == collection->layer_count);
    CHECK(again->picture_count == collection->picture_count);
    CHECK(again->rules.rule_count == collection->rules.rule_count);
    for (size_t layer = 0; layer < again->layer_count; layer++) {
        const struct collection_layer *left = &collection->layers[layer];
        const struct collection_layer *right = &again->layers[layer];
        CHECK(left->trait_count == right->trait_count);
        for (size_t at = 0; at < left->trait_count; at++) {
            CHECK(strcmp(left->traits[at].name, right->traits[at].name) == 0);
            CHECK(left->traits[at].weight == right->traits[at].weight);
        }
    }
    collection_destroy(&again);
    text_finish(&text);
    take_away("collection.json");
}

static void try_name(const uint8_t *bytes, size_t size)
{
    char name[NAME_BYTES];
    struct arena arena = {0};
    struct sgr_error error = {0};
    struct lab_name parsed;
    if (size >= sizeof name)
        return;
    memcpy(name, bytes, size);
    name[size] = '\0';
    (void)lab_name_is(name);
    struct trait_name_input input = {name, "name", true};
    enum sgr_status status = lab_name_parse(&arena, &input, &parsed, &error);
    CHECK(status == SGR_OK || (status == SGR_INPUT && error.text[0]));
    CHECK(status != SGR_OK || (*parsed.name && parsed.weight > 0));
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bool is_script = size && bytes[0] == 'j';
    if (size == 0)
        return 0;
    if (!is_script && bytes[0] != 'p') {
        try_name(bytes, size);
        return 0;
    }
    if (!*fuzz_folder)
        make_art();
    const char *name = is_script ? "src/config.js" : "config.json";
    put(name, bytes + 1, size - 1);
    struct collection *collection = read_art(true);
    if (collection)
        read_again(collection);
    collection_destroy(&collection);
    take_away(name);
    return 0;
}
