// Questions as the host asks them, with ordinary values but for those given.

/** A candidate with ordinary values but for those given. */
export function candidate(agent, given = {}) {
  return {
    agent, level: 5, skills: [], idleMs: 0, contacts: 0, talkSeconds: 0, load: 0, ranks: [],
    attributes: [], ...given,
  };
}

/** A queue with ordinary values but for those given. */
export function queue(name, given = {}) {
  return {
    queue: name, waiting: 1, longestWaitMs: 0, agentsReady: 1, agentsBusy: 0, counted: 0,
    serviceLevel: 1, targetShare: 0.8, targetWithinMs: 20000, lastOffered: null, attributes: [],
    ...given,
  };
}

/** A router's question; `contact` and `queue` may name what differs from an ordinary one. */
export function ask(candidates, given = {}) {
  const contact = {
    id: '0000000000000', channel: 'voice', queue: 'sales', waitedMs: 0, priority: 0, required: [],
    preferred: [], step: 0, attributes: [], ...given.contact,
  };
  return {
    others: [], nowSeconds: 0, seed: 1, ...given, contact, candidates,
    queue: queue('sales', given.queue),
  };
}

/** An estimator's question. */
export function estimateAsk(given = {}) {
  return {
    id: '0000000000000', channel: 'voice', queue: 'sales', position: 1, waitedMs: 0, agents: 1,
    agentsReady: 0, recentWaits: [], recentHandlesMs: [], abandonShare: 0, attributes: [],
    nowSeconds: 0, ...given,
  };
}

/** A chatbot's turn, with what the customer has just written. */
export function turn(text, given = {}) {
  return {
    id: '0000000000000', channel: 'chat', language: 'en', text, lines: [], turns: 0, attributes: [],
    ...given,
  };
}

/** A request that came in, for a channel or a connector; the body is text. */
export function incoming(body, given = {}) {
  return { method: 'POST', query: '', headers: [], ...given, body: Uint8Array.from(Buffer.from(body)) };
}

/** A message to a customer. */
export function outgoing(text, given = {}) {
  return { id: '0000000000000', to: 'visitor', text, choices: [], attributes: [], ...given };
}

/** An event of a connector. */
export function event(kind, given = {}) {
  return {
    kind, id: '0000000000000', channel: 'voice', atSeconds: 1767603600, queue: null, agent: null,
    address: null, attributes: [], ...given,
  };
}

/** Somebody who may become a customer. */
export function lead(given = {}) {
  return {
    interaction: null, address: '+441632960011', name: null, text: 'Please call me', attributes: [],
    ...given,
  };
}

/** A contact that is over. */
export function interactionLog(given = {}) {
  return {
    id: '0000000000000', channel: 'voice', customer: null, address: null, queue: null, agent: null,
    startedSeconds: 1767603600, waitedMs: 0, talkedMs: 0, outcome: 'completed', attributes: [],
    ...given,
  };
}

/** A recording that is kept by the centre. */
export function recording(given = {}) {
  return {
    interaction: '0000000000000', entry: null, url: 'https://centre.example/1.wav', lengthMs: 1000,
    ...given,
  };
}

/** A conversation that is over: a list of `[speaker, text]`, each of a second. */
export function transcript(said, given = {}) {
  const utterances = said.map(([speaker, text], at) => ({
    speaker, text, startMs: 1000 * at, endMs: 1000 * at + 1000,
  }));
  return {
    id: '0000000000000', channel: 'chat', language: 'en', questions: [], attributes: [], ...given,
    utterances,
  };
}

/** A pacer's question. */
export function campaign(given = {}) {
  return {
    name: 'autumn', agentsIdle: 0, agentsTalking: 0, agentsWrapping: 0, dialling: 0, waiting: 0,
    numbersLeft: 1000, linesFree: 100, attempts: 0, answered: 0, abandoned: 0, abandonedMax: 0.03,
    ringMs: 0, talkMs: 0, wrapMs: 0, attributes: [], nowSeconds: 0, seed: 1, ...given,
  };
}
