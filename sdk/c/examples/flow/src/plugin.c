// Leads a customer through a menu of two queues.
#include <string.h>
#include "plugin.h"

typedef jackfield_telephony_session_session_error_t failed_t;

static plugin_string_t words(const char *value) {
    plugin_string_t made;
    plugin_string_set(&made, value); // borrowed: nothing to free
    return made;
}

// The digit that was pressed; 0 if none was.
static char ask(jackfield_telephony_session_borrow_session_t session, failed_t *failed) {
    jackfield_telephony_session_prompt_t which = {
        .tag = JACKFIELD_TELEPHONY_SESSION_PROMPT_TEXT,
        .val.text = words("For sales press 1, for support press 2."),
    };
    jackfield_telephony_session_list_prompt_t prompts = {&which, 1};
    jackfield_telephony_session_gather_options_t options = {
        .min_digits = 1,
        .max_digits = 1,
        .terminator = {true, '#'},
        .first_digit_timeout_ms = 5000,
        .next_digit_timeout_ms = 3000,
        .barge_in = true,
    };
    jackfield_telephony_session_gathered_t pressed;
    if (!jackfield_telephony_session_method_session_gather(session, &prompts, &options, &pressed, failed))
        return 0;
    bool some = pressed.tag == JACKFIELD_TELEPHONY_SESSION_GATHERED_INPUT && pressed.val.input.len > 0;
    char digit = some ? (char)pressed.val.input.ptr[0] : 0;
    jackfield_telephony_session_gathered_free(&pressed);
    return digit;
}

bool exports_jackfield_plugin_flow_guest_run(
    exports_jackfield_plugin_flow_guest_own_session_t own,
    exports_jackfield_plugin_flow_guest_plugin_error_t *err) {
    (void)err; // false and an error here end the flow, and the tenant's fallback takes over
    jackfield_telephony_session_borrow_session_t session = jackfield_telephony_session_borrow_session(own);
    failed_t failed;
    jackfield_telephony_session_method_session_answer(session, &failed);
    plugin_string_t name = words("chosen");
    plugin_string_t queue = words(ask(session, &failed) == '2' ? "support" : "sales");
    jackfield_telephony_session_method_session_set_attribute(session, &name, &queue, &failed);

    jackfield_telephony_session_queue_options_t ordinary;
    memset(&ordinary, 0, sizeof ordinary);
    jackfield_telephony_session_queue_end_t end;
    bool ended = jackfield_telephony_session_method_session_enqueue(session, &queue, &ordinary, &end, &failed);
    bool served = ended && end.tag == JACKFIELD_TELEPHONY_SESSION_QUEUE_END_SERVED;
    if (ended && !served) {
        plugin_string_t sorry = words("Nobody is free. Please call again later.");
        jackfield_telephony_session_method_session_say(session, &sorry, &failed);
    }
    plugin_string_t line = words(served ? "served" : "not served");
    jackfield_log_log_write(JACKFIELD_LOG_LOG_LEVEL_INFO, &line);
    jackfield_telephony_session_method_session_hang_up(session, &line);
    jackfield_telephony_session_session_drop_own(own);
    return true;
}
