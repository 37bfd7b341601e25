/* Variants at which people differ, from two bits a genotype. Called by benchmarks/nearest_neighbours.py,
   which says how many right people (TILE) are taken at a time: their counts stay in registers. */

#include <stdint.h>

/* Planes are (2, n_words, n_people): a bit is set where a person has one, and where two ALT copies.
   Counts (n_left, n_right) of the left people from first up to last. n_right: a multiple of TILE. */
void count_different(const uint64_t *left, const uint64_t *right, int32_t *different, long first,
                     long last, long n_left, long n_right, long n_words) {
    for (long j = 0; j < n_right; j += TILE)
        for (long i = first; i < last; i++) {
            const uint64_t *x = left + i, *y = right + j;
            uint64_t counts[TILE] = {0};
            for (long word = 0; word < n_words; word++, x += n_left, y += n_right) {
                const uint64_t one = *x, two = x[n_words * n_left];
                for (long k = 0; k < TILE; k++)
                    counts[k] += (uint64_t)__builtin_popcountll(
                        (one ^ y[k]) | (two ^ y[n_words * n_right + k]));
            }
            for (long k = 0; k < TILE; k++)
                different[i * n_right + j + k] = (int32_t)counts[k];
        }
}

/* Bits set in words that stay in the cache, again and again: as fast as popcounts get. */
uint64_t count_ones(const uint64_t *words, long n_words, long n_repeats) {
    uint64_t ones = 0;
    for (long repeat = 0; repeat < n_repeats; repeat++)
        for (long word = 0; word < n_words; word++)
            ones += (uint64_t)__builtin_popcountll(words[word] ^ (uint64_t)repeat);
    return ones;
}
