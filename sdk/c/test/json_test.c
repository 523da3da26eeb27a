// Script in, transcript out: what is read of a text of JSON, and what is written.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "mock_hmac.h"
#include "text.h"

static void check(bool holds, const char *what, int line) {
    if (holds) return;
    fprintf(stderr, "json_test.c:%d: not true: %s\n", line, what);
    exit(1);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

// Reads the member `a` of a text whose bytes are nobody else's, so that a sanitizer sees what is read
// beyond; the text in it, or what kind it is.
static bool reads(const char *json, size_t len, const char *expected) {
    static const char *const kinds[] = {"none", NULL, NULL, "other", "wrong"};
    uint8_t *bytes = malloc(len);
    if (len) memcpy(bytes, json, len);
    plugin_string_t value = {NULL, 0};
    json_kind_t kind = json_member(bytes, len, "a", &value);
    bool text = kind == JSON_STRING || kind == JSON_NUMBER;
    bool it = text ? text_is(value, expected) : strcmp(kinds[kind], expected) == 0;
    if (!it) fprintf(stderr, "%s: kind %d, %.*s\n", json, kind, (int)value.len, (char *)value.ptr);
    if (text) free(value.ptr);
    free(bytes);
    return it;
}

#define READS(json, expected) CHECK(reads(json, strlen(json), expected))

static void members_are_found(void) {
    READS("{\"a\":\"b\"}", "b");
    READS(" { \"b\" : [1, {\"a\": 2}] ,\n\t\"a\" : \"x\" } \r\n", "x");
    READS("{\"a\":-0.5e+10}", "-0.5e+10");
    READS("{\"a\":0}", "0");
    READS("{\"a\":true}", "other");
    READS("{\"a\":{}}", "other");
    READS("{\"a\":[]}", "other");
    READS("{}", "none");
    READS("{\"A\":1,\"aa\":2}", "none");
    READS("{\"a\":1,\"a\":\"2\"}", "2");
    READS("{\"a\":\"1\",\"a\":null}", "other");
    READS("{\"\\u0061\":\"b\"}", "b");
}

static void texts_are_unescaped(void) {
    READS("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t");
    READS("{\"a\":\"\\u00e9\\u20AC\\ud83e\\udd80\"}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80");
    READS("{\"a\":\"\xf0\x9f\xa6\x80\xd0\xb6\"}", "\xf0\x9f\xa6\x80\xd0\xb6");
}

static void what_is_no_object_is_wrong(void) {
    static const char *const wrong[] = {
        "", " ", "[]", "\"a\"", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1}x", "{a:1}",
        "{\"a\":01}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":+1}", "{\"a\":tru}", "{\"a\":'b'}",
        "{\"a\":\"b}", "{\"a\":\"\\x\"}", "{\"a\":\"\\", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\n\"}", "{\"a\":\"\x80\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xe2\x82", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":{\"b\"}}", "{,}",
        "{\"a\":\"1\",\"b\":}",
    };
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) READS(wrong[at], "wrong");
    CHECK(reads("{\"a\":\"\0\"}", 9, "wrong"));
    CHECK(reads("{\"a\":\"\\\0\"}", 10, "wrong"));
}

// As deep as is read, and deeper.
static void depth_has_a_limit(void) {
    static char json[200000];
    for (int deep = JSON_DEPTH - 1; deep <= JSON_DEPTH; deep++) {
        char *at = json + sprintf(json, "{\"a\":");
        for (int n = 0; n < deep; n++) *at++ = '[';
        for (int n = 0; n < deep; n++) *at++ = ']';
        strcpy(at, "}");
        READS(json, deep < JSON_DEPTH ? "other" : "wrong");
    }
    memset(json, '[', sizeof json - 1);
    memcpy(json, "{\"a\":", 5);
    READS(json, "wrong");
}

// Every beginning of a text, and the text with every byte changed, is read to an end.
static void whatever_comes_is_read_within_its_bytes(void) {
    const char *whole = "{\"b\":[1.5e3,{\"c\":\"\\ud83e\\udd80\xc3\xa9\"}],\"a\":\"x\\n\"}";
    size_t len = strlen(whole);
    CHECK(reads(whole, len, "x\n"));
    for (size_t cut = 0; cut < len; cut++) CHECK(reads(whole, cut, "wrong"));
    for (size_t at = 0; at < len; at++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t *bytes = malloc(len);
            memcpy(bytes, whole, len);
            bytes[at] = (uint8_t)byte;
            plugin_string_t value;
            json_kind_t kind = json_member(bytes, len, "a", &value);
            if (kind == JSON_STRING || kind == JSON_NUMBER) free(value.ptr);
            free(bytes);
        }
    }
}

static void what_is_written_is_read_again(void) {
    plugin_string_t odd = {(uint8_t *)"\0\x1f\"\\\n\xc3\xa9", 7}, value;
    json_t json = json_begin();
    json_string(&json, "a", odd);
    json_optional(&json, "none", false, odd);
    json_within(&json, "in");
    json_number(&json, "n", 1.5);
    json_number(&json, "infinite", 1e308 * 10);
    json_end(&json);
    json_number(&json, "last", 4294967295.0);
    json_end(&json);
    plugin_string_t made = {json.ptr, json.len};
    CHECK(text_is(made,
                  "{\"a\":\"\\u0000\\u001f\\\"\\\\\\u000a\xc3\xa9\",\"none\":null,"
                  "\"in\":{\"n\":1.5,\"infinite\":null},\"last\":4294967295}"));
    CHECK(json_member(json.ptr, json.len, "a", &value) == JSON_STRING);
    CHECK(value.len == odd.len && memcmp(value.ptr, odd.ptr, odd.len) == 0);
    free(value.ptr);
    free(json.ptr);
}

static void texts_are_looked_at(void) {
    static const char *const words[] = {"bill", "invoice", NULL};
    CHECK(text_has(text_of("When are you OPEN?"), "open") && !text_has(text_of("ope"), "open"));
    CHECK(text_words(text_of("BILL, bills: the bill;invoice"), words) == 3);
    CHECK(text_words(text_of(""), words) == 0);
    CHECK(text_is(text_cut(text_of("a\xc3\xa9"), 2), "a") && text_is(text_cut(text_of("ab"), 2), "ab"));
    CHECK(text_is(text_trim(text_of(" \n a b\t")), "a b") && text_trim(text_of("  ")).len == 0);
}

// Cases 2 and 6 of RFC 4231: a short key, and one longer than a block.
static void codes_are_those_of_the_standard(void) {
    uint8_t code[32], key[131];
    const char *data = "what do ya want for nothing?";
    mock_hmac_sha256((const uint8_t *)"Jefe", 4, (const uint8_t *)data, strlen(data), code);
    CHECK(memcmp(code, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\x5a\x00\x3f\x08\x9d\x27\x39\x83"
                       "\x9d\xec\x58\xb9\x64\xec\x38\x43", 32) == 0);
    memset(key, 0xaa, sizeof key);
    data = "Test Using Larger Than Block-Size Key - Hash Key First";
    mock_hmac_sha256(key, sizeof key, (const uint8_t *)data, strlen(data), code);
    CHECK(memcmp(code, "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f\x8e\x0b\xc6\x21\x37\x28\xc5\x14"
                       "\x05\x46\x04\x0f\x0e\xe3\x7f\x54", 32) == 0);
}

int main(void) {
    members_are_found();
    texts_are_unescaped();
    what_is_no_object_is_wrong();
    depth_has_a_limit();
    whatever_comes_is_read_within_its_bytes();
    what_is_written_is_read_again();
    texts_are_looked_at();
    codes_are_those_of_the_standard();
    puts("8 passed, 0 failed");
    return 0;
}
