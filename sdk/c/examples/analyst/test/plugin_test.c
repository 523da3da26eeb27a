#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mock.h"

#define CUSTOMER JACKFIELD_ANALYSIS_ANALYSIS_SPEAKER_CUSTOMER
#define AGENT JACKFIELD_ANALYSIS_ANALYSIS_SPEAKER_AGENT

// What is found where the customer says one thing and then the agent another, if at all; a form asks
// whether the agent greeted.
static jackfield_analysis_analysis_findings_t findings(const char *customer, const char *agent) {
    jackfield_analysis_analysis_transcript_t transcript;
    memset(&transcript, 0, sizeof transcript);
    transcript.utterances.len = agent ? 2 : 1;
    transcript.utterances.ptr = calloc(2, sizeof *transcript.utterances.ptr);
    transcript.utterances.ptr[0].speaker = CUSTOMER;
    transcript.utterances.ptr[0].text = text(customer);
    transcript.utterances.ptr[1].speaker = AGENT;
    if (agent) transcript.utterances.ptr[1].text = text(agent);
    transcript.questions.len = 1;
    transcript.questions.ptr = calloc(1, sizeof *transcript.questions.ptr);
    transcript.questions.ptr->id = text("greeted");
    jackfield_analysis_analysis_findings_t found;
    jackfield_types_types_plugin_error_t error;
    CHECK(exports_jackfield_plugin_analyst_guest_analyse(&transcript, &found, &error));
    return found;
}

static void how_the_customer_felt_is_in_the_words_of_the_customer(void) {
    CHECK(findings("Thanks, that was GREAT!", "That is bad").sentiment.val == 1.0);
    CHECK(findings("It is good, but broken", NULL).sentiment.val == 0.0);
    CHECK(findings("Terrible!", NULL).sentiment.val == -1.0);
    CHECK(!findings("My number is twelve", "That is bad").sentiment.is_some);
}

static void bills_are_a_topic(void) {
    jackfield_analysis_analysis_findings_t found = findings("My bill is wrong", "Oh");
    CHECK(found.topics.len == 1 && same(found.topics.ptr->name, "billing") && found.topics.ptr->score == 0.5);
    CHECK(findings("A billion", NULL).topics.len == 0);
}

static void the_form_is_answered_by_the_first_words_of_the_agent(void) {
    jackfield_analysis_analysis_findings_t found = findings("Hello?", "Hello, this is Anna");
    CHECK(found.answers.len == 1 && same(found.answers.ptr->answer, "yes") && found.answers.ptr->evidence.val == 1);
    found = findings("Hello?", NULL);
    CHECK(same(found.answers.ptr->answer, "no") && !found.answers.ptr->evidence.is_some);
}

int main(void) {
    how_the_customer_felt_is_in_the_words_of_the_customer();
    bills_are_a_topic();
    the_form_is_answered_by_the_first_words_of_the_agent();
    puts("3 passed, 0 failed");
    return 0;
}
