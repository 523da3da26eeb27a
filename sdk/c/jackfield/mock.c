#include "mock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char mock_lines[16384];
const char *mock_keys = "";
int mock_queue_end = 0;

void mock_reset(void) {
    mock_lines[0] = 0;
    mock_keys = "";
    mock_queue_end = 0;
    mock_forget();
}

void mock_check(bool holds, const char *what, const char *file, int line) {
    if (holds) return;
    fprintf(stderr, "%s:%d: not true: %s\nwhat happened:\n%s", file, line, what, mock_lines);
    exit(1);
}

plugin_string_t text(const char *value) {
    plugin_string_t made;
    made.len = strlen(value);
    made.ptr = malloc(made.len + 1);
    memcpy(made.ptr, value, made.len + 1);
    return made;
}

bool same(plugin_string_t found, const char *expected) {
    return found.len == strlen(expected) && memcmp(found.ptr, expected, found.len) == 0;
}

void mock_line(const char *what, const plugin_string_t *value) {
    size_t used = strlen(mock_lines), room = sizeof mock_lines - used;
    if (value) {
        snprintf(mock_lines + used, room, "%s %.*s\n", what, (int)value->len, (char *)value->ptr);
    } else {
        snprintf(mock_lines + used, room, "%s\n", what);
    }
}

void jackfield_log_log_write(jackfield_log_log_level_t level, plugin_string_t *message) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    mock_line(names[level & 3], message);
}

void jackfield_metrics_metrics_add(plugin_string_t *counter, uint32_t amount) {
    char what[32];
    snprintf(what, sizeof what, "count %u", amount);
    mock_line(what, counter);
}

void jackfield_metrics_metrics_observe(plugin_string_t *distribution, double value) {
    char what[48];
    snprintf(what, sizeof what, "observe %g", value);
    mock_line(what, distribution);
}

#ifdef JACKFIELD_QUEUEING_ROUTING_DECISION_OFFER
void jackfield_crm_history_recent(jackfield_crm_history_list_past_contact_t *ret) {
    memset(ret, 0, sizeof *ret);
}

jackfield_queueing_routing_ask_t mock_ask(const mock_agent_t *agents, size_t count) {
    jackfield_queueing_routing_ask_t ask;
    memset(&ask, 0, sizeof ask);
    ask.contact.id = text("0000000000000");
    ask.contact.queue = text("sales");
    ask.queue.queue = text("sales");
    ask.queue.service_level = 1.0;
    ask.seed = 1;
    ask.candidates.len = count;
    ask.candidates.ptr = calloc(count, sizeof *ask.candidates.ptr);
    for (size_t at = 0; at < count; at++) {
        ask.candidates.ptr[at].agent = text(agents[at].agent);
        ask.candidates.ptr[at].level = (uint8_t)agents[at].level;
        ask.candidates.ptr[at].idle_ms = agents[at].idle_ms;
    }
    return ask;
}
#endif

#ifdef JACKFIELD_TELEPHONY_SESSION_PROMPT_TEXT
typedef jackfield_telephony_session_borrow_session_t self_t;
typedef jackfield_telephony_session_session_error_t error_t_;

jackfield_telephony_session_borrow_session_t jackfield_telephony_session_borrow_session(
    jackfield_telephony_session_own_session_t handle) {
    self_t self = {handle.__handle};
    return self;
}

void jackfield_telephony_session_session_drop_own(jackfield_telephony_session_own_session_t handle) {
    (void)handle;
}

bool jackfield_telephony_session_method_session_answer(self_t self, error_t_ *err) {
    (void)self, (void)err;
    mock_line("answer", NULL);
    return true;
}

bool jackfield_telephony_session_method_session_say(self_t self, plugin_string_t *said, error_t_ *err) {
    (void)self, (void)err;
    mock_line("say", said);
    return true;
}

bool jackfield_telephony_session_method_session_play(
    self_t self, jackfield_telephony_session_list_prompt_t *prompts, error_t_ *err) {
    (void)self, (void)err;
    for (size_t at = 0; at < prompts->len; at++) mock_line("play", &prompts->ptr[at].val.text);
    return true;
}

bool jackfield_telephony_session_method_session_gather(
    self_t self, jackfield_telephony_session_list_prompt_t *prompts,
    jackfield_telephony_session_gather_options_t *options,
    jackfield_telephony_session_gathered_t *ret, error_t_ *err) {
    (void)options;
    jackfield_telephony_session_method_session_play(self, prompts, err);
    if (*mock_keys == 0) {
        ret->tag = JACKFIELD_TELEPHONY_SESSION_GATHERED_NOTHING;
        mock_line("nothing pressed", NULL);
        return true;
    }
    char pressed[2] = {*mock_keys++, 0};
    ret->tag = JACKFIELD_TELEPHONY_SESSION_GATHERED_INPUT;
    ret->val.input = text(pressed);
    mock_line("pressed", &ret->val.input);
    return true;
}

bool jackfield_telephony_session_method_session_set_attribute(
    self_t self, plugin_string_t *name, plugin_string_t *value, error_t_ *err) {
    (void)self, (void)err, (void)name;
    mock_line("set", value);
    return true;
}

bool jackfield_telephony_session_method_session_enqueue(
    self_t self, jackfield_telephony_session_queue_id_t *queue,
    jackfield_telephony_session_queue_options_t *options,
    jackfield_telephony_session_queue_end_t *ret, error_t_ *err) {
    (void)self, (void)options, (void)err;
    mock_line("enqueue", queue);
    memset(ret, 0, sizeof *ret);
    ret->tag = (uint8_t)mock_queue_end;
    return true;
}

void jackfield_telephony_session_method_session_hang_up(self_t self, plugin_string_t *reason) {
    (void)self;
    mock_line("hang up", reason);
}
#endif
