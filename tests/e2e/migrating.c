// The version after the guest `router-remembers`: it keeps its count as four bytes, the least first, and
// takes over the text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "migration.h"
#include "plugin.h"
#include "text.h"

static uint32_t counted(const uint8_t *bytes) {
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void count(uint32_t count, uint8_t bytes[4]) {
    for (int at = 0; at < 4; at++) bytes[at] = (uint8_t)(count >> 8 * at);
}

bool exports_jackfield_state_migration_migrate(
    exports_jackfield_state_migration_list_entry_t *entries, exports_jackfield_state_migration_list_entry_t *ret,
    migration_string_t *err) {
    // What is given is answered again: nothing is to be freed.
    *ret = *entries;
    for (size_t at = 0; at < entries->len; at++) {
        exports_jackfield_state_migration_entry_t *entry = &entries->ptr[at];
        char digits[16] = {0}, *end;
        memcpy(digits, entry->value.ptr, entry->value.len < sizeof digits ? entry->value.len : 0);
        unsigned long number = strtoul(digits, &end, 10);
        if (end == digits || *end) {
            migration_string_dup(err, "it is no count");
            return false;
        }
        entry->value.ptr = malloc(4);
        entry->value.len = 4;
        count((uint32_t)number, entry->value.ptr);
    }
    return true;
}

bool exports_jackfield_plugin_router_guest_choose(
    exports_jackfield_plugin_router_guest_ask_t *ask, exports_jackfield_plugin_router_guest_answer_t *ret,
    exports_jackfield_plugin_router_guest_plugin_error_t *err) {
    plugin_string_t key = text_of("count");
    plugin_option_list_u8_t kept;
    jackfield_state_state_state_error_t failed;
    memset(ret, 0, sizeof *ret);
    ret->decision.tag = JACKFIELD_QUEUEING_ROUTING_DECISION_OFFER;
    ret->decision.val.offer.len = 1;
    ret->decision.val.offer.ptr = malloc(sizeof(plugin_string_t));
    ret->decision.val.offer.ptr[0] = text_copy(ask->candidates.ptr[0].agent);
    // Without state, as in the test at an installation, it does what it can.
    if (!jackfield_state_state_get(&key, &kept, &failed)) return true;
    if (kept.is_some && kept.val.len != 4)
        return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE, "the count has another form");
    uint32_t next = (kept.is_some ? counted(kept.val.ptr) : 0) + 1;
    uint8_t bytes[4];
    plugin_list_u8_t value = {bytes, sizeof bytes};
    count(next, bytes);
    if (!jackfield_state_state_set(&key, &value, NULL, &failed))
        return text_refuse(err, JACKFIELD_TYPES_TYPES_PLUGIN_ERROR_UNAVAILABLE, "not kept");

    char said[32];
    snprintf(said, sizeof said, "%u in bytes", next);
    ret->because.len = 1;
    ret->because.ptr = malloc(sizeof *ret->because.ptr);
    text_attribute(ret->because.ptr, "count", said);
    return true;
}
