// The mock host: what a plugin calls is answered here, and written down. For ordinary C programs
// that test a plugin without WebAssembly.
#ifndef JACKFIELD_MOCK_H
#define JACKFIELD_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include "plugin.h"

// What happened, a line each: logged lines, and in a flow what happened to the customer.
extern char mock_lines[16384];
// What the customer enters, a character for each question; after the last one nothing.
extern const char *mock_keys;
// How the stay in a queue ends: a constant of `queue-end`.
extern int mock_queue_end;

// Forgets everything. Call it before each test.
void mock_reset(void);
// A string that the caller of an export would give.
plugin_string_t text(const char *value);
// Whether a string of the plugin's is this one.
bool same(plugin_string_t found, const char *expected);

// Ends the program with a message unless `condition` holds.
#define CHECK(condition) mock_check((condition), #condition, __FILE__, __LINE__)
void mock_check(bool holds, const char *what, const char *file, int line);

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
