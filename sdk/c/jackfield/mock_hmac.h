// HMAC with SHA-256 (RFC 2104, FIPS 180-4), for the mock host.
#ifndef JACKFIELD_MOCK_HMAC_H
#define JACKFIELD_MOCK_HMAC_H

#include <stddef.h>
#include <stdint.h>

void mock_hmac_sha256(const uint8_t *key, size_t key_len, const uint8_t *data, size_t len, uint8_t code[32]);

#endif
