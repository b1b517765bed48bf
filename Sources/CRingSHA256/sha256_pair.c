#include "CRingSHA256.h"
#include <string.h>

int ring_sha256_pair_begin(ring_sha256_pair *pair, const void *beginning, size_t count) {
    if (count > RING_SHA256_PAIR_LIMIT) { return 0; }
    memset(pair, 0, sizeof *pair);
    if (count) {
        memcpy(pair->bytes[0], beginning, count);
        memcpy(pair->bytes[1], beginning, count);
    }
    pair->beginning = (uint32_t)count;
    return 1;
}

int ring_sha256_pair_set(ring_sha256_pair *pair, int lane, const void *rest, size_t rest_count) {
    if (rest_count > RING_SHA256_PAIR_LIMIT - pair->beginning) { return 0; }
    uint8_t *bytes = pair->bytes[lane];
    size_t count = pair->beginning + rest_count;
    size_t end = count < 56 ? 64 : 128;
    if (rest_count) { memcpy(bytes + pair->beginning, rest, rest_count); }
    bytes[count] = 0x80;
    memset(bytes + count + 1, 0, end - count - 1);
    // The length in bits, the block of the padded key included; two bytes are enough for it.
    size_t bits = (64 + count) * 8;
    bytes[end - 2] = (uint8_t)(bits >> 8);
    bytes[end - 1] = (uint8_t)bits;
    pair->blocks[lane] = (uint32_t)(end / 64);
    return 1;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>

// Compiled for these instructions here alone: the rest of the program runs on any processor.
#define RING_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define RING_SHA_INLINE RING_SHA __attribute__((always_inline)) static inline

int ring_sha256_pair_is_available(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) { return 0; }
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

// FIPS 180-4, 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// One of the two computations. The state is kept as the instructions want it: A, B, E, F and C, D, G, H, highest first.
typedef struct {
    __m128i abef, cdgh;
    __m128i words[4];
} lane;

RING_SHA_INLINE void load_state(lane *l, const uint32_t state[8]) {
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    l->abef = _mm_alignr_epi8(cdab, efgh, 8);
    l->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

// The state in its usual order: A to D, and E to H.
RING_SHA_INLINE void ordered_state(const lane *l, __m128i *abcd, __m128i *efgh) {
    __m128i feba = _mm_shuffle_epi32(l->abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(l->cdgh, 0xb1);
    *abcd = _mm_blend_epi16(feba, dchg, 0xf0);
    *efgh = _mm_alignr_epi8(dchg, feba, 8);
}

RING_SHA_INLINE __m128i swapped(__m128i words) {
    return _mm_shuffle_epi8(words, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

RING_SHA_INLINE void load_words(lane *l, const uint8_t block[64]) {
    for (int i = 0; i < 4; i++) { l->words[i] = swapped(_mm_loadu_si128((const __m128i *)(block + 16 * i))); }
}

// Four of the 64 rounds, and the four words that are due sixteen rounds later.
RING_SHA_INLINE void four_rounds(lane *l, int step) {
    __m128i *w = l->words;
    __m128i sum = _mm_add_epi32(w[step & 3], _mm_load_si128((const __m128i *)(constants + 4 * step)));
    l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, sum);
    l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(sum, 0x0e));
    if (step >= 12) { return; }
    __m128i early = _mm_sha256msg1_epu32(w[step & 3], w[(step + 1) & 3]);
    __m128i late = _mm_alignr_epi8(w[(step + 3) & 3], w[(step + 2) & 3], 4);
    w[step & 3] = _mm_sha256msg2_epu32(_mm_add_epi32(early, late), w[(step + 3) & 3]);
}

RING_SHA_INLINE void compress(lane *first, lane *second) {
    __m128i before[4] = {first->abef, first->cdgh, second->abef, second->cdgh};
#pragma GCC unroll 16
    for (int step = 0; step < 16; step++) {
        four_rounds(first, step);
        four_rounds(second, step);
    }
    first->abef = _mm_add_epi32(first->abef, before[0]);
    first->cdgh = _mm_add_epi32(first->cdgh, before[1]);
    second->abef = _mm_add_epi32(second->abef, before[2]);
    second->cdgh = _mm_add_epi32(second->cdgh, before[3]);
}

// The outer message: the inner digest, the end mark, and the length of two blocks and a half.
RING_SHA_INLINE void begin_outer(lane *l, const uint32_t outer[8]) {
    ordered_state(l, &l->words[0], &l->words[1]);
    l->words[2] = _mm_set_epi32(0, 0, 0, (int)0x80000000);
    l->words[3] = _mm_set_epi32((64 + 32) * 8, 0, 0, 0);
    load_state(l, outer);
}

RING_SHA_INLINE void store_code(const lane *l, uint8_t code[32]) {
    __m128i abcd, efgh;
    ordered_state(l, &abcd, &efgh);
    _mm_storeu_si128((__m128i *)code, swapped(abcd));
    _mm_storeu_si128((__m128i *)(code + 16), swapped(efgh));
}

RING_SHA void ring_sha256_pair_codes(const ring_sha256_pair *pair, const ring_sha256_key *key, uint8_t codes[64]) {
    lane first, second;
    load_state(&first, key->inner);
    load_state(&second, key->inner);
    load_words(&first, pair->bytes[0]);
    load_words(&second, pair->bytes[1]);
    compress(&first, &second);
    if (pair->blocks[0] == 2 || pair->blocks[1] == 2) {
        // The shorter of the two is done: it goes along for nothing.
        lane done[2] = {first, second};
        load_words(&first, pair->bytes[0] + 64);
        load_words(&second, pair->bytes[1] + 64);
        compress(&first, &second);
        if (pair->blocks[0] == 1) { first = done[0]; }
        if (pair->blocks[1] == 1) { second = done[1]; }
    }
    begin_outer(&first, key->outer);
    begin_outer(&second, key->outer);
    compress(&first, &second);
    store_code(&first, codes);
    store_code(&second, codes + 32);
}

#else

int ring_sha256_pair_is_available(void) { return 0; }

void ring_sha256_pair_codes(const ring_sha256_pair *pair, const ring_sha256_key *key, uint8_t codes[64]) {
    (void)pair;
    (void)key;
    memset(codes, 0, 64);
}

#endif
