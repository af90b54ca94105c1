/* A ring of samples, a third of a second or more apart. */
#include "progress_rate.h"

static const uint64_t sample_distance_ns = UINT64_C(320000000);

void progress_rate_init(struct progress_rate *rate)
{
    /* The first sample is the start itself. */
    *rate = (struct progress_rate){.sample_count = 1, .sample_next = 1};
}

static void add_sample(struct progress_rate *rate, struct progress_sample sample)
{
    const struct progress_sample *newest =
        &rate->samples[(rate->sample_next + PROGRESS_RATE_SAMPLES - 1) % PROGRESS_RATE_SAMPLES];
    if (sample.elapsed_ns < newest->elapsed_ns + sample_distance_ns)
        return;
    rate->samples[rate->sample_next] = sample;
    rate->sample_next = (rate->sample_next + 1) % PROGRESS_RATE_SAMPLES;
    if (rate->sample_count < PROGRESS_RATE_SAMPLES)
        rate->sample_count++;
}

struct progress_speed progress_rate_update(struct progress_rate *rate,
                                           const struct sgr_progress *now)
{
    uint64_t made = now->items_done > now->items_found ? now->items_done - now->items_found : 0;
    add_sample(rate, (struct progress_sample){now->elapsed_ns, made});
    unsigned full = rate->sample_count == PROGRESS_RATE_SAMPLES;
    const struct progress_sample *oldest = &rate->samples[full ? rate->sample_next : 0];
    struct progress_speed speed = {.seconds_left = -1};
    if (now->elapsed_ns > oldest->elapsed_ns)
        speed.images_a_second = (double)(made - oldest->items_made) * 1e9 /
                                (double)(now->elapsed_ns - oldest->elapsed_ns);
    uint64_t ended = now->items_done + now->items_failed;
    uint64_t left = now->items_total > ended ? now->items_total - ended : 0;
    if (speed.images_a_second > 0 || left == 0)
        speed.seconds_left = left ? (double)left / speed.images_a_second : 0;
    if (now->strips_needed > now->strips_made)
        speed.reuse = 1 - (double)now->strips_made / (double)now->strips_needed;
    return speed;
}
