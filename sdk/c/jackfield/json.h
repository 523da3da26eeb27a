// JSON as plugins send and receive it (RFC 8259): one object is written member by member, and members of
// one object are read.
#ifndef JACKFIELD_JSON_H
#define JACKFIELD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include "plugin.h"

// What is being written. It ends the program if there is no memory left.
typedef struct {
    uint8_t *ptr;
    size_t len;
    size_t room;
} json_t;

// Begins the object.
json_t json_begin(void);
// Add a member each; the text of `json_string` is UTF-8, as all texts of the contract are, and
// `json_optional` writes null for none. A number that JSON has not (infinite) is null.
void json_string(json_t *json, const char *name, plugin_string_t value);
void json_optional(json_t *json, const char *name, bool is_some, plugin_string_t value);
void json_number(json_t *json, const char *name, double value);
// Begins an object within; `json_end` ends it.
void json_within(json_t *json, const char *name);
// Ends the object that was begun last.
void json_end(json_t *json);

// What a member is.
typedef enum {
    JSON_NONE,   // there is none of this name
    JSON_STRING, // `value` is its text
    JSON_NUMBER, // `value` is the number as it was written
    JSON_OTHER,  // an object, an array, true, false or null
    JSON_WRONG,  // the whole is no JSON object, or deeper than JSON_DEPTH
} json_kind_t;

// Objects and arrays within each other that are read.
#define JSON_DEPTH 32

// Finds a member of the object that `ptr` holds, the last of several of the name. `value`, a text of the
// caller's own, is set for JSON_STRING and JSON_NUMBER only. All of the object is looked at: what is wrong
// anywhere is JSON_WRONG.
json_kind_t json_member(const uint8_t *ptr, size_t len, const char *name, plugin_string_t *value);

#endif
