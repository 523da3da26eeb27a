#include "text.h"

#include <stdlib.h>
#include <string.h>

plugin_string_t text_of(const char *value) {
    plugin_string_t made = {(uint8_t *)value, strlen(value)};
    return made;
}

plugin_string_t text_copy(plugin_string_t value) {
    return text_join(value, text_of(""));
}

plugin_string_t text_join(plugin_string_t first, plugin_string_t second) {
    plugin_string_t made = {malloc(first.len + second.len + 1), first.len + second.len};
    if (!made.ptr) abort();
    if (first.len) memcpy(made.ptr, first.ptr, first.len);
    if (second.len) memcpy(made.ptr + first.len, second.ptr, second.len);
    return made;
}

plugin_string_t text_cut(plugin_string_t value, size_t bytes) {
    if (value.len <= bytes) return value;
    // Bytes of the form 10xxxxxx go on with a character.
    while (bytes > 0 && (value.ptr[bytes] & 0xc0) == 0x80) bytes--;
    value.len = bytes;
    return value;
}

plugin_string_t text_trim(plugin_string_t value) {
    while (value.len && value.ptr[0] <= ' ') value.ptr++, value.len--;
    while (value.len && value.ptr[value.len - 1] <= ' ') value.len--;
    return value;
}

bool text_is(plugin_string_t value, const char *other) {
    return value.len == strlen(other) && memcmp(value.ptr, other, value.len) == 0;
}

static uint8_t small(uint8_t byte) {
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

// Whether it is the other text, in small letters.
static bool alike(const uint8_t *ptr, size_t len, const char *other) {
    for (size_t at = 0; at < len; at++)
        if (small(ptr[at]) != (uint8_t)other[at]) return false;
    return true;
}

bool text_has(plugin_string_t value, const char *part) {
    size_t len = strlen(part);
    for (size_t at = 0; at + len <= value.len; at++)
        if (alike(value.ptr + at, len, part)) return true;
    return false;
}

// Letters and digits, and every byte of a character that is not of English.
static bool of_word(uint8_t byte) {
    byte = small(byte);
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

size_t text_words(plugin_string_t value, const char *const *among) {
    size_t count = 0;
    for (size_t at = 0; at < value.len;) {
        size_t end = at;
        while (end < value.len && of_word(value.ptr[end])) end++;
        for (const char *const *word = among; end > at && *word; word++) {
            if (strlen(*word) != end - at || !alike(value.ptr + at, end - at, *word)) continue;
            count++;
            break;
        }
        at = end + 1;
    }
    return count;
}

void text_attribute(jackfield_types_types_attribute_t *at, const char *name, const char *value) {
    at->f0 = text_copy(text_of(name));
    at->f1 = text_copy(text_of(value));
}

bool text_find(const jackfield_types_types_attribute_t *ptr, size_t len, const char *name, plugin_string_t *value) {
    for (size_t at = 0; at < len; at++) {
        if (!text_is(ptr[at].f0, name)) continue;
        *value = ptr[at].f1;
        return true;
    }
    return false;
}

bool text_refuse(jackfield_types_types_plugin_error_t *err, uint8_t tag, const char *why) {
    memset(err, 0, sizeof *err);
    err->tag = tag;
    // All but `script` have a text in this place.
    err->val.failed = text_copy(text_of(why));
    return false;
}
