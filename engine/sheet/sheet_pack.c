/*
 * Pages are filled one after another by a skyline packer. Where the largest pieces leave room,
 * smaller ones follow, so pieces queue by size, each queue in the order of sprites: what is drawn
 * together is mostly found together. A page is offered about as many pieces as it has pixels left,
 * so that no piece is looked at much more often than pages are badly filled.
 */
#include "sheet/sheet_pack.h"

#include "base/error.h"
#include "base/memory.h"

#define STBRP_STATIC
#define STBRP_ASSERT ERROR_ASSERT
#define STB_RECT_PACK_IMPLEMENTATION
#include <stb/stb_rect_pack.h>

/* Queues, each for pieces of half the side of the one before; pieces offered at once. */
enum { QUEUES = 4, OFFER_MAX = 4096 };

/* Pieces that have no place yet: order[first], ..., order[end - 1]. */
struct queue {
    size_t first;
    size_t end;
};

struct packer {
    struct sheet *sheet;
    uint32_t *order; /* [piece_count] */
    stbrp_node *nodes;
    stbrp_rect *offer;
    stbrp_context context;
    struct queue queues[QUEUES];
    uint64_t room; /* pixels of the page that no piece has taken */
};

static uint32_t piece_width(const struct sheet_piece *piece)
{
    return piece->box.right - piece->box.left;
}

static uint32_t piece_height(const struct sheet_piece *piece)
{
    return piece->box.bottom - piece->box.top;
}

/* The queue of a piece by its longer side. */
static unsigned queue_of(const struct packer *packer, const struct sheet_piece *piece)
{
    uint32_t width = piece_width(piece);
    uint32_t height = piece_height(piece);
    uint32_t longer = width > height ? width : height;
    unsigned queue = 0;
    while (queue < QUEUES - 1 && longer <= packer->sheet->side >> (queue + 1))
        queue++;
    return queue;
}

static void make_queues(struct packer *packer)
{
    const struct sheet *sheet = packer->sheet;
    size_t counts[QUEUES] = {0};
    size_t end = 0;
    for (size_t index = 0; index < sheet->piece_count; index++)
        counts[queue_of(packer, &sheet->pieces[index])]++;
    for (unsigned queue = 0; queue < QUEUES; queue++) {
        packer->queues[queue] = (struct queue){end, end};
        end += counts[queue];
    }
    for (size_t index = 0; index < sheet->piece_count; index++) {
        struct queue *queue = &packer->queues[queue_of(packer, &sheet->pieces[index])];
        packer->order[queue->end++] = (uint32_t)index;
    }
}

/* Lists the pieces that are offered a place; returns how many. */
static size_t make_offer(struct packer *packer, const struct queue *queue)
{
    uint64_t pixels = 0;
    size_t count = 0;
    for (size_t at = queue->first; at < queue->end; at++) {
        const struct sheet_piece *piece = &packer->sheet->pieces[packer->order[at]];
        stbrp_coord width = (stbrp_coord)piece_width(piece);
        stbrp_coord height = (stbrp_coord)piece_height(piece);
        packer->offer[count++] = (stbrp_rect){(int)packer->order[at], width, height, 0, 0, 0};
        pixels += (uint64_t)width * (uint64_t)height;
        if (pixels >= packer->room || count == OFFER_MAX)
            break;
    }
    return count;
}

/* Notes the places that were found; the other pieces of the offer stay first in their queue. */
static size_t take_places(struct packer *packer, struct queue *queue, size_t count)
{
    struct sheet *sheet = packer->sheet;
    size_t kept = 0;
    queue->first += count;
    for (size_t at = count; at-- > 0;) {
        const stbrp_rect *rect = &packer->offer[at];
        struct sheet_piece *piece = &sheet->pieces[(uint32_t)rect->id];
        if (!rect->was_packed) {
            packer->order[queue->first - ++kept] = (uint32_t)rect->id;
            continue;
        }
        piece->page = (uint32_t)sheet->page_count;
        piece->x = (uint32_t)rect->x;
        piece->y = (uint32_t)rect->y;
        packer->room -= (uint64_t)piece_width(piece) * piece_height(piece);
    }
    queue->first -= kept;
    return kept;
}

/* Fills a page; returns how many pieces have a place on it. */
static size_t fill_page(struct packer *packer)
{
    int side = (int)packer->sheet->side;
    size_t placed = 0;
    packer->room = (uint64_t)packer->sheet->side * packer->sheet->side;
    stbrp_init_target(&packer->context, side, side, packer->nodes, side);
    for (unsigned index = 0; index < QUEUES; index++) {
        struct queue *queue = &packer->queues[index];
        size_t kept = 0;
        while (kept == 0 && packer->room > 0 && queue->first < queue->end) {
            size_t count = make_offer(packer, queue);
            stbrp_pack_rects(&packer->context, packer->offer, (int)count);
            kept = take_places(packer, queue, count);
            placed += count - kept;
        }
    }
    return placed;
}

enum sgr_status sheet_pack(struct sheet *sheet, struct sgr_error *error)
{
    struct packer packer = {.sheet = sheet};
    size_t left = sheet->piece_count;
    enum sgr_status status = SGR_OK;
    packer.order = memory_allocate(sheet->piece_count, sizeof *packer.order);
    packer.nodes = memory_allocate(sheet->side, sizeof *packer.nodes);
    packer.offer = memory_allocate(OFFER_MAX, sizeof *packer.offer);
    if (packer.order && packer.nodes && packer.offer)
        make_queues(&packer);
    else
        status = error_no_memory(error, "sheets");
    while (status == SGR_OK && left > 0) {
        size_t placed = fill_page(&packer);
        /* No piece is larger than an empty page. */
        ERROR_ASSERT(placed > 0);
        left -= placed;
        sheet->page_count++;
    }
    memory_free(packer.order);
    memory_free(packer.nodes);
    memory_free(packer.offer);
    return status;
}
