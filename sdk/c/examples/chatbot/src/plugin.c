// Says when one is open, and fetches a person for everything else.
#include <stdlib.h>
#include <string.h>
#include "plugin.h"
#include "text.h"

typedef jackfield_conversation_conversation_turn_t turn_t;
typedef jackfield_conversation_conversation_reply_t reply_t;
typedef jackfield_conversation_conversation_action_t action_t;

static void reply(reply_t *ret, size_t actions, const char *rule) {
    memset(ret, 0, sizeof *ret);
    ret->actions.len = actions;
    ret->actions.ptr = calloc(actions, sizeof *ret->actions.ptr);
    ret->because.len = 1;
    ret->because.ptr = calloc(1, sizeof *ret->because.ptr);
    text_attribute(ret->because.ptr, "rule", rule);
}

static void say(reply_t *ret, plugin_string_t said) {
    ret->actions.ptr[0].tag = JACKFIELD_CONVERSATION_CONVERSATION_ACTION_SAY;
    ret->actions.ptr[0].val.say = text_copy(said);
}

// Each turn has a fresh instance: what the next one is to know is kept on the conversation.
static void remember(reply_t *ret, const char *misses) {
    ret->actions.ptr[1].tag = JACKFIELD_CONVERSATION_CONVERSATION_ACTION_SET_ATTRIBUTE;
    text_attribute(&ret->actions.ptr[1].val.set_attribute, "misses", misses);
}

static void fetch(reply_t *ret, const char *why, const turn_t *turn) {
    reply(ret, 1, "person");
    action_t *action = ret->actions.ptr;
    action->tag = JACKFIELD_CONVERSATION_CONVERSATION_ACTION_HAND_OVER;
    // The agent reads it at a glance, and the contract keeps 2,000 bytes.
    action->val.hand_over.summary = text_join(text_of(why), text_cut(turn->text, 400));
}

static bool missed(const turn_t *turn) {
    plugin_string_t count;
    bool kept = text_find(turn->attributes.ptr, turn->attributes.len, "misses", &count);
    return kept && count.len > 0 && count.ptr[0] >= '1' && count.ptr[0] <= '9';
}

bool exports_jackfield_plugin_chatbot_guest_take_turn(
    turn_t *turn, reply_t *ret, exports_jackfield_plugin_chatbot_guest_plugin_error_t *err) {
    (void)err; // false and an error here hand the conversation to a person
    plugin_string_t said = text_trim(turn->text), name = text_of("hours"), hours;
    if (said.len == 0) {
        reply(ret, 1, "greeting");
        say(ret, text_of("Hello! Ask me about our opening hours."));
    } else if (text_has(said, "person") || text_has(said, "agent")) {
        fetch(ret, "The customer asked for a person: ", turn);
    } else if (text_has(said, "open") || text_has(said, "hours")) {
        bool set = jackfield_settings_settings_get(&name, &hours);
        reply(ret, 2, "hours");
        say(ret, set ? hours : text_of("We are open from 9 to 18."));
        remember(ret, "0");
        if (set) plugin_string_free(&hours);
    } else if (missed(turn)) {
        fetch(ret, "The bot did not understand the customer twice: ", turn);
    } else {
        reply(ret, 2, "not-understood");
        say(ret, text_of("I did not understand that. Shall I get a person?"));
        remember(ret, "1");
    }
    // What an export is given is its own to free.
    exports_jackfield_plugin_chatbot_guest_turn_free(turn);
    return true;
}
