// Decides who serves a waiting contact: the highest level in the queue first, then the longest idle.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "plugin.h"

typedef jackfield_queueing_routing_candidate_t candidate_t;

// The better one first; equals by name, so that a replay decides the same.
static int compare(const void *left, const void *right) {
    const candidate_t *a = left, *b = right;
    if (a->level != b->level) return a->level < b->level ? 1 : -1;
    if (a->idle_ms != b->idle_ms) return a->idle_ms < b->idle_ms ? 1 : -1;
    size_t least = a->agent.len < b->agent.len ? a->agent.len : b->agent.len;
    int order = memcmp(a->agent.ptr, b->agent.ptr, least);
    return order ? order : (a->agent.len < b->agent.len ? -1 : 1);
}

static void reason(jackfield_types_types_attribute_t *at, const char *term, const char *why) {
    plugin_string_dup(&at->f0, term);
    plugin_string_dup(&at->f1, why);
}

bool exports_jackfield_plugin_router_guest_choose(
    exports_jackfield_plugin_router_guest_ask_t *ask,
    exports_jackfield_plugin_router_guest_answer_t *ret,
    exports_jackfield_plugin_router_guest_plugin_error_t *err) {
    (void)err; // false and an error here are the answer of a router that cannot decide
    size_t count = ask->candidates.len;
    qsort(ask->candidates.ptr, count, sizeof(candidate_t), compare);

    char said[80];
    snprintf(said, sizeof said, "%zu agents could take %.*s", count, (int)ask->contact.id.len,
             (const char *)ask->contact.id.ptr);
    plugin_string_t line;
    plugin_string_set(&line, said);
    jackfield_log_log_write(JACKFIELD_LOG_LOG_LEVEL_DEBUG, &line);

    memset(ret, 0, sizeof *ret);
    ret->decision.tag = JACKFIELD_QUEUEING_ROUTING_DECISION_OFFER;
    ret->decision.val.offer.len = count;
    ret->decision.val.offer.ptr = calloc(count, sizeof(plugin_string_t));
    for (size_t at = 0; at < count; at++) {
        const plugin_string_t *agent = &ask->candidates.ptr[at].agent;
        plugin_string_dup_n(&ret->decision.val.offer.ptr[at], (const char *)agent->ptr, agent->len);
    }
    ret->because.len = 2;
    ret->because.ptr = calloc(2, sizeof *ret->because.ptr);
    reason(&ret->because.ptr[0], "rule", "highest-level");
    snprintf(said, sizeof said, "%d", ask->candidates.ptr[0].level);
    reason(&ret->because.ptr[1], "level", said);

    // What an export is given is its own to free.
    exports_jackfield_plugin_router_guest_ask_free(ask);
    return true;
}
