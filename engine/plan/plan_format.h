/* The layout of plan files, shared by their writer and reader; docs/plan-format.md explains it. */
#ifndef SGR_PLAN_PLAN_FORMAT_H
#define SGR_PLAN_PLAN_FORMAT_H

#include <stdint.h>

#define PLAN_FORMAT_MAGIC "SGRPLAN\n"

/* Raised whenever a reader of the old number could misread a file. */
enum { PLAN_FORMAT_VERSION = 2 };

/* Items of a block: the window through which plans are read. */
enum { PLAN_FORMAT_BLOCK_ITEMS = 4096 };

/* No table of a plan is larger, and no plan has more orders; item blocks are not tables. */
#define PLAN_SECTION_BYTES_MAX (UINT64_C(1) << 30)

enum { PLAN_ORDERS_MAX = 1 << 24 };

/* The sections, in file order. */
enum plan_section {
    PLAN_SECTION_BLOCKS,
    PLAN_SECTION_INDEX,
    PLAN_SECTION_COLLECTION,
    PLAN_SECTION_CHOICES,
    PLAN_SECTION_COUNTS,
    PLAN_SECTION_ORDERS,
    PLAN_SECTION_ATTRIBUTES,
    PLAN_SECTION_COUNT
};

/* Item columns that a plan may have besides traits. */
enum { PLAN_HAS_IDS = 1, PLAN_HAS_ORDERS = 2, PLAN_HAS_ATTRIBUTES = 4 };

/* The header: magic, version, flags, item count, first id, sections, hash of all before it. */
enum {
    PLAN_HEADER_SECTIONS = 8 + 4 + 4 + 8 + 8,
    PLAN_SECTION_BYTES = 8 + 8 + 8,
    PLAN_HEADER_HASHED = PLAN_HEADER_SECTIONS + PLAN_SECTION_COUNT * PLAN_SECTION_BYTES,
    PLAN_HEADER_BYTES = PLAN_HEADER_HASHED + 8
};

/* A row of the index: offset, size, hash. */
enum { PLAN_INDEX_BYTES = 8 + 4 + 8 };

/* Bytes of a layer's column for one item. */
static inline unsigned plan_format_trait_width(uint64_t trait_count)
{
    return trait_count <= 256 ? 1 : 2;
}

/* Bytes of the order column for one item. */
static inline unsigned plan_format_order_width(uint64_t order_count)
{
    return order_count <= 256 ? 1 : order_count <= 65536 ? 2 : 4;
}

#endif
