#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Writing

static void put(json_t *json, const void *ptr, size_t len) {
    if (json->room - json->len < len) {
        json->room = 2 * (json->room + len);
        json->ptr = realloc(json->ptr, json->room);
        if (!json->ptr) abort();
    }
    if (len) memcpy(json->ptr + json->len, ptr, len);
    json->len += len;
}

static void quoted(json_t *json, plugin_string_t value) {
    put(json, "\"", 1);
    for (size_t at = 0; at < value.len; at++) {
        uint8_t byte = value.ptr[at];
        char escaped[8];
        if (byte == '"' || byte == '\\') {
            put(json, "\\", 1);
        } else if (byte < ' ') {
            put(json, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", byte));
            continue;
        }
        put(json, &byte, 1);
    }
    put(json, "\"", 1);
}

static void named(json_t *json, const char *name) {
    if (json->ptr[json->len - 1] != '{') put(json, ",", 1);
    plugin_string_t text = {(uint8_t *)name, strlen(name)};
    quoted(json, text);
    put(json, ":", 1);
}

json_t json_begin(void) {
    json_t json = {NULL, 0, 0};
    put(&json, "{", 1);
    return json;
}

void json_string(json_t *json, const char *name, plugin_string_t value) {
    named(json, name);
    quoted(json, value);
}

void json_optional(json_t *json, const char *name, bool is_some, plugin_string_t value) {
    named(json, name);
    if (is_some) quoted(json, value);
    else put(json, "null", 4);
}

void json_number(json_t *json, const char *name, double value) {
    char text[40];
    named(json, name);
    // What is no number, and what is infinite, is not less than itself by itself.
    bool finite = value - value == 0;
    int len = finite ? snprintf(text, sizeof text, "%.17g", value) : snprintf(text, sizeof text, "null");
    put(json, text, (size_t)len);
}

void json_within(json_t *json, const char *name) {
    named(json, name);
    put(json, "{", 1);
}

void json_end(json_t *json) {
    put(json, "}", 1);
}

// ---- Reading

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} input_t;

static void blank(input_t *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) in->at++;
}

static bool take(input_t *in, char byte) {
    if (in->at == in->end || *in->at != (uint8_t)byte) return false;
    in->at++;
    return true;
}

static bool word(input_t *in, const char *text) {
    size_t len = strlen(text);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, text, len)) return false;
    in->at += len;
    return true;
}

static bool four(input_t *in, uint32_t *ret) {
    *ret = 0;
    for (int digit = 0; digit < 4; digit++) {
        if (in->at == in->end) return false;
        uint8_t byte = *in->at++;
        if (byte >= '0' && byte <= '9') byte -= '0';
        else if (byte >= 'a' && byte <= 'f') byte -= 'a' - 10;
        else if (byte >= 'A' && byte <= 'F') byte -= 'A' - 10;
        else return false;
        *ret = *ret << 4 | byte;
    }
    return true;
}

// The bytes of one character; 0 if it is none that UTF-8 may have.
static size_t utf8(uint32_t one, uint8_t made[4]) {
    if (one < 0x80) {
        made[0] = (uint8_t)one;
        return 1;
    }
    if (one > 0x10ffff || (one >= 0xd800 && one < 0xe000)) return 0;
    size_t len = one < 0x800 ? 2 : one < 0x10000 ? 3 : 4;
    for (size_t at = len - 1; at > 0; at--, one >>= 6) made[at] = (uint8_t)(0x80 | (one & 0x3f));
    made[0] = (uint8_t)((len == 2 ? 0xc0 : len == 3 ? 0xe0 : 0xf0) | one);
    return len;
}

// A character that is written as itself; 0 if the bytes are no UTF-8, or need an escape.
static size_t plain(input_t *in, uint8_t made[4]) {
    uint8_t first = *in->at;
    if (first < ' ') return 0;
    size_t len = first < 0x80 ? 1 : (first & 0xe0) == 0xc0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : (first & 0xf8) == 0xf0 ? 4 : 0;
    if (len == 0 || (size_t)(in->end - in->at) < len) return 0;
    uint32_t one = len == 1 ? first : first & (0xffu >> (len + 1));
    for (size_t at = 1; at < len; at++) {
        if ((in->at[at] & 0xc0) != 0x80) return 0;
        one = one << 6 | (in->at[at] & 0x3f);
    }
    in->at += len;
    // A longer way to write it than need be is refused as well.
    return utf8(one, made) == len ? len : 0;
}

// A character after `\`; 0 if there is none.
static size_t escaped(input_t *in, uint8_t made[4]) {
    if (in->at == in->end) return 0;
    uint8_t kind = *in->at++;
    const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t";
    const char *found = kind ? strchr(from, kind) : NULL;
    if (found) return utf8((uint8_t)to[found - from], made);
    uint32_t one, low;
    if (kind != 'u' || !four(in, &one)) return 0;
    if (one >= 0xd800 && one < 0xdc00) {
        if (!word(in, "\\u") || !four(in, &low) || low < 0xdc00 || low > 0xdfff) return 0;
        one = 0x10000 + ((one - 0xd800) << 10) + (low - 0xdc00);
    }
    return utf8(one, made);
}

// A text, of the caller's own if it wants it.
static bool string(input_t *in, plugin_string_t *ret) {
    if (!take(in, '"')) return false;
    // No escape is shorter than the character it stands for.
    uint8_t *made = ret ? malloc((size_t)(in->end - in->at) + 1) : NULL;
    if (ret && !made) abort();
    size_t len = 0;
    bool whole = true;
    while (whole && in->at < in->end && *in->at != '"') {
        uint8_t one[4];
        size_t bytes = take(in, '\\') ? escaped(in, one) : plain(in, one);
        if (made) memcpy(made + len, one, bytes);
        len += bytes;
        whole = bytes > 0;
    }
    whole = whole && take(in, '"');
    if (whole && ret) {
        ret->ptr = made;
        ret->len = len;
    } else {
        free(made);
    }
    return whole;
}

static bool digits(input_t *in) {
    const uint8_t *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
    return in->at > start;
}

static bool number(input_t *in) {
    take(in, '-');
    if (!take(in, '0') && !digits(in)) return false;
    if (take(in, '.') && !digits(in)) return false;
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+')) take(in, '-');
        return digits(in);
    }
    return true;
}

static bool value(input_t *in, int depth);

// What stands between brackets; `{` has names as well.
static bool several(input_t *in, char close, int depth) {
    if (depth == 0) return false;
    blank(in);
    if (take(in, close)) return true;
    do {
        blank(in);
        if (close == '}') {
            if (!string(in, NULL)) return false;
            blank(in);
            if (!take(in, ':')) return false;
        }
        if (!value(in, depth)) return false;
        blank(in);
    } while (take(in, ','));
    return take(in, close);
}

static bool value(input_t *in, int depth) {
    blank(in);
    if (in->at == in->end) return false;
    if (*in->at == '"') return string(in, NULL);
    if (take(in, '{')) return several(in, '}', depth - 1);
    if (take(in, '[')) return several(in, ']', depth - 1);
    return word(in, "true") || word(in, "false") || word(in, "null") || number(in);
}

// Reads one member; keeps it in `ret` if it is the one that is looked for.
static bool member(input_t *in, const char *name, json_kind_t *kind, plugin_string_t *ret) {
    plugin_string_t found;
    blank(in);
    if (!string(in, &found)) return false;
    bool it = found.len == strlen(name) && memcmp(found.ptr, name, found.len) == 0;
    free(found.ptr);
    blank(in);
    if (!take(in, ':')) return false;
    blank(in);
    input_t start = *in;
    if (!value(in, JSON_DEPTH)) return false;
    if (!it) return true;
    // The last of several counts.
    if (*kind == JSON_STRING || *kind == JSON_NUMBER) free(ret->ptr);
    uint8_t first = *start.at;
    if (first == '"') {
        *kind = string(&start, ret) ? JSON_STRING : JSON_WRONG;
    } else if (first == '-' || (first >= '0' && first <= '9')) {
        *kind = JSON_NUMBER;
        ret->len = (size_t)(in->at - start.at);
        ret->ptr = malloc(ret->len);
        if (!ret->ptr) abort();
        memcpy(ret->ptr, start.at, ret->len);
    } else {
        *kind = JSON_OTHER;
    }
    return true;
}

json_kind_t json_member(const uint8_t *ptr, size_t len, const char *name, plugin_string_t *ret) {
    input_t in = {ptr, ptr + len};
    json_kind_t kind = JSON_NONE;
    blank(&in);
    bool good = len > 0 && take(&in, '{');
    blank(&in);
    if (good && !take(&in, '}')) {
        do good = member(&in, name, &kind, ret), blank(&in);
        while (good && take(&in, ','));
        good = good && take(&in, '}');
    }
    blank(&in);
    if (good && in.at == in.end) return kind;
    if (kind == JSON_STRING || kind == JSON_NUMBER) free(ret->ptr);
    return JSON_WRONG;
}
