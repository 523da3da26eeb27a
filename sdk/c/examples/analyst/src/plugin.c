// Reads a conversation by its words: how the customer felt, whether it was about a bill, whether the agent
// said hello.
#include <stdlib.h>
#include <string.h>
#include "plugin.h"
#include "text.h"

typedef jackfield_analysis_analysis_transcript_t transcript_t;
typedef jackfield_analysis_analysis_findings_t findings_t;
typedef jackfield_analysis_analysis_utterance_t utterance_t;

static const char *const good[] = {"thank", "thanks", "great", "good", "helpful", NULL};
static const char *const bad[] = {"bad", "broken", "angry", "terrible", "refund", NULL};
static const char *const bill[] = {"invoice", "bill", NULL};
static const char *const hello[] = {"hello", NULL};

// From -1 to 1; none if no word of the customer's shows it.
static void sentiment(const transcript_t *transcript, findings_t *ret) {
    double well = 0, badly = 0;
    for (size_t at = 0; at < transcript->utterances.len; at++) {
        const utterance_t *one = &transcript->utterances.ptr[at];
        if (one->speaker != JACKFIELD_ANALYSIS_ANALYSIS_SPEAKER_CUSTOMER) continue;
        well += (double)text_words(one->text, good);
        badly += (double)text_words(one->text, bad);
    }
    ret->sentiment.is_some = well + badly > 0;
    if (ret->sentiment.is_some) ret->sentiment.val = (well - badly) / (well + badly);
}

// The share of utterances that name a bill.
static void billing(const transcript_t *transcript, findings_t *ret) {
    size_t about = 0;
    for (size_t at = 0; at < transcript->utterances.len; at++)
        about += text_words(transcript->utterances.ptr[at].text, bill) > 0;
    if (about == 0) return;
    ret->topics.len = 1;
    ret->topics.ptr = malloc(sizeof *ret->topics.ptr);
    ret->topics.ptr->name = text_copy(text_of("billing"));
    ret->topics.ptr->score = (double)about / (double)transcript->utterances.len;
}

static bool possible(const plugin_list_string_t *answers, const char *answer) {
    for (size_t at = 0; at < answers->len; at++)
        if (text_is(answers->ptr[at], answer)) return true;
    return answers->len == 0;
}

// Whether the agent began with hello, if a form asks.
static void greeted(const transcript_t *transcript, findings_t *ret) {
    size_t asked = 0, first = 0;
    while (asked < transcript->questions.len && !text_is(transcript->questions.ptr[asked].id, "greeted")) asked++;
    while (first < transcript->utterances.len &&
           transcript->utterances.ptr[first].speaker != JACKFIELD_ANALYSIS_ANALYSIS_SPEAKER_AGENT)
        first++;
    bool spoke = first < transcript->utterances.len;
    const char *answer = spoke && text_words(transcript->utterances.ptr[first].text, hello) ? "yes" : "no";
    if (asked == transcript->questions.len || !possible(&transcript->questions.ptr[asked].answers, answer)) return;
    ret->answers.len = 1;
    ret->answers.ptr = calloc(1, sizeof *ret->answers.ptr);
    ret->answers.ptr->question = text_copy(text_of("greeted"));
    ret->answers.ptr->answer = text_copy(text_of(answer));
    ret->answers.ptr->confidence = 0.9;
    ret->answers.ptr->evidence.is_some = spoke;
    ret->answers.ptr->evidence.val = (uint32_t)first;
}

bool exports_jackfield_plugin_analyst_guest_analyse(
    transcript_t *transcript, findings_t *ret, exports_jackfield_plugin_analyst_guest_plugin_error_t *err) {
    (void)err;
    memset(ret, 0, sizeof *ret);
    sentiment(transcript, ret);
    billing(transcript, ret);
    greeted(transcript, ret);
    // What an export is given is its own to free.
    exports_jackfield_plugin_analyst_guest_transcript_free(transcript);
    return true;
}
