// HMAC-SHA-256 of two short messages at a time, for processors that have instructions for SHA-256: while one message waits
// for a result, the other one is worked on. Everything else, long messages and other processors, is libcrypto's.
#ifndef CRING_SHA256_H
#define CRING_SHA256_H

#include <stddef.h>
#include <stdint.h>

// What fits two blocks of 64 bytes beside the end mark and the length.
#define RING_SHA256_PAIR_LIMIT 119

// Two messages that begin alike, each padded as it goes into the computation (FIPS 180-4, 5.1.1).
typedef struct {
    uint8_t bytes[2][128];
    uint32_t blocks[2];
    uint32_t beginning;
} ring_sha256_pair;

// A key that was worked in: the states after the padded key, inner and outer (RFC 2104).
typedef struct {
    uint32_t inner[8];
    uint32_t outer[8];
} ring_sha256_key;

// Whether this processor can; the other functions are to be called only then. It queries the processor, so keep the result.
int ring_sha256_pair_is_available(void);

// Sets what both messages begin with. Returns 0 when that alone is longer than the limit.
int ring_sha256_pair_begin(ring_sha256_pair *pair, const void *beginning, size_t count);

// Sets how one of the two goes on. Returns 0, and leaves it as it was, when it gets longer than the limit.
int ring_sha256_pair_set(ring_sha256_pair *pair, int lane, const void *rest, size_t count);

// Writes the codes of both messages: 32 bytes each. How long it takes depends on the lengths alone.
void ring_sha256_pair_codes(const ring_sha256_pair *pair, const ring_sha256_key *key, uint8_t codes[64]);

#endif
