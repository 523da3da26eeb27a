// Texts of the contract, which have a length and no 0 at their end, and answers made of them.
#ifndef JACKFIELD_TEXT_H
#define JACKFIELD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include "plugin.h"

// A text that is borrowed: nothing to free, and not to be answered.
plugin_string_t text_of(const char *value);
// Copies, each the caller's own: of a text, and of two texts one after the other.
plugin_string_t text_copy(plugin_string_t value);
plugin_string_t text_join(plugin_string_t first, plugin_string_t second);
// The beginning of a text, borrowed: at most so many bytes, and no character by half.
plugin_string_t text_cut(plugin_string_t value, size_t bytes);
// The text without white space around it, borrowed.
plugin_string_t text_trim(plugin_string_t value);

bool text_is(plugin_string_t value, const char *other);
// Whether a part is in it; capital letters of English are as small ones.
bool text_has(plugin_string_t value, const char *part);
// How many of its words are among these, whose last is NULL; capital letters of English are as small ones.
size_t text_words(plugin_string_t value, const char *const *among);

// Makes an attribute of copies.
void text_attribute(jackfield_types_types_attribute_t *at, const char *name, const char *value);
// The value of the first of `len` attributes with this name, borrowed; false if there is none.
bool text_find(const jackfield_types_types_attribute_t *ptr, size_t len, const char *name, plugin_string_t *value);

// Fills an error (`JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_...`) with a copy of `why`; false, so that an export
// returns it.
bool text_refuse(jackfield_types_types_plugin_error_t *err, uint8_t tag, const char *why);

#endif
