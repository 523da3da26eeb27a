#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"

typedef jackfield_conversation_conversation_action_t action_t;

// What is done at a turn after so many misses.
static const action_t *answer(const char *said, const char *misses) {
    jackfield_conversation_conversation_turn_t turn;
    memset(&turn, 0, sizeof turn);
    turn.text = text(said);
    turn.attributes.len = 1;
    turn.attributes.ptr = malloc(sizeof *turn.attributes.ptr);
    turn.attributes.ptr[0].f0 = text("misses");
    turn.attributes.ptr[0].f1 = text(misses);
    jackfield_conversation_conversation_reply_t reply;
    jackfield_types_types_plugin_error_t error;
    CHECK(exports_jackfield_plugin_chatbot_guest_take_turn(&turn, &reply, &error));
    return reply.actions.ptr;
}

static void it_greets_and_says_when_one_is_open(void) {
    mock_reset();
    CHECK(same(answer("", "0")->val.say, "Hello! Ask me about our opening hours."));
    const action_t *open = answer("When are you OPEN?", "1");
    CHECK(same(open[0].val.say, "We are open from 9 to 18."));
    CHECK(same(open[1].val.set_attribute.f1, "0"));
    mock_setting("hours", "Always.");
    CHECK(same(answer("Your hours?", "0")->val.say, "Always."));
}

static void whoever_is_not_understood_twice_gets_a_person(void) {
    mock_reset();
    const action_t *first = answer("blue", "");
    CHECK(same(first[0].val.say, "I did not understand that. Shall I get a person?"));
    CHECK(same(first[1].val.set_attribute.f0, "misses"));
    CHECK(same(first[1].val.set_attribute.f1, "1"));
    const action_t *second = answer("blue", "1");
    CHECK(second->tag == JACKFIELD_CONVERSATION_CONVERSATION_ACTION_HAND_OVER);
    CHECK(same(second->val.hand_over.summary, "The bot did not understand the customer twice: blue"));
    const action_t *asked = answer("An Agent, please", "0");
    CHECK(same(asked->val.hand_over.summary, "The customer asked for a person: An Agent, please"));
}

int main(void) {
    it_greets_and_says_when_one_is_open();
    whoever_is_not_understood_twice_gets_a_person();
    puts("2 passed, 0 failed");
    return 0;
}
