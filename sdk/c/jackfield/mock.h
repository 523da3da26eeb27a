// The mock host: what a plugin calls is answered here, and written down. For ordinary C programs
// that test a plugin without WebAssembly.
#ifndef JACKFIELD_MOCK_H
#define JACKFIELD_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include "plugin.h"

// What happened, a line each: logged lines, figures, requests with their headers and bodies, messages,
// notes, and in a flow what happened to the customer. Secrets stand there as the plugin wrote them.
extern char mock_lines[16384];
// What the customer enters, a character for each question; after the last one nothing.
extern const char *mock_keys;
// How the stay in a queue ends: a constant of `queue-end`.
extern int mock_queue_end;
// Engine time in seconds, and what chance answers.
extern double mock_now;
extern double mock_chance;

// Forgets everything. Call it before each test.
void mock_reset(void);
// A string that the caller of an export would give.
plugin_string_t text(const char *value);
// Whether a string of the plugin's is this one.
bool same(plugin_string_t found, const char *expected);

// Give a setting and a secret their values.
void mock_setting(const char *name, const char *value);
void mock_secret(const char *name, const char *value);
// The next request that has no answer yet is answered so; 0 is a request that reaches nobody, as one does
// for which there is no answer. At most 16.
void mock_answer(unsigned status, const char *body);
// The tenant has a channel of this name.
void mock_channel(const char *name);
// The CRM knows a customer of this name at this address, who is called `c1`, `c2`...
void mock_customer(const char *address, const char *name);

// Ends the program with a message unless `condition` holds.
#define CHECK(condition) mock_check((condition), #condition, __FILE__, __LINE__)
void mock_check(bool holds, const char *what, const char *file, int line);

// For the parts of the mock host: to write a line down, and to forget what a test has put here.
void mock_line(const char *what, const plugin_string_t *value);
void mock_forget(void);

#ifdef JACKFIELD_QUEUEING_ROUTING_DECISION_OFFER
// A router's question about as many agents as were named; owned by the router that answers it.
typedef struct {
    const char *agent;
    int level;
    unsigned idle_ms;
} mock_agent_t;
jackfield_queueing_routing_ask_t mock_ask(const mock_agent_t *agents, size_t count);
#endif

#endif
