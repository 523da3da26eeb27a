#include "mock_hmac.h"

#include <string.h>

typedef struct {
    uint32_t hash[8];
    uint8_t block[64];
    uint64_t bytes;
} sha_t;

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turned(uint32_t word, int by) {
    return word >> by | word << (32 - by);
}

static void mix(sha_t *sha) {
    uint32_t w[64], s[8];
    for (int t = 0; t < 64; t++) {
        if (t < 16) {
            const uint8_t *at = sha->block + 4 * t;
            w[t] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
            continue;
        }
        uint32_t low = turned(w[t - 15], 7) ^ turned(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t high = turned(w[t - 2], 17) ^ turned(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = w[t - 16] + low + w[t - 7] + high;
    }
    memcpy(s, sha->hash, sizeof s);
    for (int t = 0; t < 64; t++) {
        uint32_t high = turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25);
        uint32_t one = s[7] + high + ((s[4] & s[5]) ^ (~s[4] & s[6])) + rounds[t] + w[t];
        uint32_t low = turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22);
        uint32_t two = low + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int at = 0; at < 8; at++) sha->hash[at] += s[at];
}

static sha_t begin(void) {
    sha_t sha = {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, {0}, 0};
    return sha;
}

static void add(sha_t *sha, const uint8_t *data, size_t len) {
    for (size_t at = 0; at < len; at++) {
        sha->block[sha->bytes++ % 64] = data[at];
        if (sha->bytes % 64 == 0) mix(sha);
    }
}

static void end(sha_t *sha, uint8_t hash[32]) {
    uint64_t bits = 8 * sha->bytes;
    uint8_t mark = 0x80, none = 0, length[8];
    add(sha, &mark, 1);
    while (sha->bytes % 64 != 56) add(sha, &none, 1);
    for (int at = 0; at < 8; at++) length[at] = (uint8_t)(bits >> (56 - 8 * at));
    add(sha, length, 8);
    for (int at = 0; at < 32; at++) hash[at] = (uint8_t)(sha->hash[at / 4] >> (24 - 8 * (at % 4)));
}

void mock_hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len, uint8_t code[32]) {
    uint8_t inner[64] = {0}, outer[64];
    if (key_len > sizeof inner) {
        sha_t sha = begin();
        add(&sha, key, key_len);
        end(&sha, inner);
    } else if (key_len) {
        memcpy(inner, key, key_len);
    }
    for (int at = 0; at < 64; at++) outer[at] = inner[at] ^ 0x5c, inner[at] ^= 0x36;
    sha_t sha = begin();
    add(&sha, inner, 64);
    add(&sha, data, len);
    end(&sha, code);
    sha = begin();
    add(&sha, outer, 64);
    add(&sha, code, 32);
    end(&sha, code);
}
