// The mock host: what a plugin calls is answered here, and written down.

/** A host that remembers what was asked of it. `reset()` it before each test. */
class Host {
  constructor() {
    this.reset();
  }

  reset() {
    /** Lines the plugin logged: `[level, message]`. */
    this.logged = [];
    /** Sums of its counters. */
    this.counters = {};
    /** Its observations, by distribution. */
    this.observed = {};
    /** Its state: bytes by key. */
    this.state = new Map();
    /** Customers the CRM knows, by address. */
    this.cards = new Map();
    /** Notes the plugin took. */
    this.notes = [];
    /** Earlier contacts of the customer who waits, latest first. */
    this.history = [];
    /** Engine time, in seconds. */
    this.seconds = 0;
    /** What `utc` answers. */
    this.civil = { year: 2026, month: 1, day: 5, hour: 9, minute: 0, weekday: 1 };
    /** What `random` answers, one after the other, then 0.5. */
    this.chances = [];
  }

  /** Called by the modules that stand for the host's. */
  call(module, word, given) {
    const answer = this[`${module.split('/')[1]}_${word}`];
    if (!answer) throw new Error(`the mock host has no ${word} of ${module}`);
    return answer.apply(this, given);
  }

  log_write(level, message) {
    this.logged.push([level, message]);
  }
  metrics_add(counter, amount) {
    this.counters[counter] = (this.counters[counter] ?? 0) + amount;
  }
  metrics_observe(distribution, value) {
    (this.observed[distribution] ??= []).push(value);
  }
  state_get(key) {
    return this.state.get(key) ?? null;
  }
  state_set(key, value) {
    this.state.set(key, Uint8Array.from(value));
  }
  state_compareAndSet(key, expected, value) {
    const same = String(this.state.get(key) ?? null) === String(expected);
    if (same) this.state.set(key, Uint8Array.from(value));
    return same;
  }
  clock_nowSeconds() {
    return this.seconds;
  }
  clock_utc() {
    return this.civil;
  }
  clock_random() {
    return this.chances.shift() ?? 0.5;
  }
  read_find(address) {
    const card = this.cards.get(address);
    if (!card) throw { tag: 'not-found' };
    return card;
  }
  write_upsert(address, name, fields) {
    const old = this.cards.get(address);
    const id = old?.id ?? `contact-${this.cards.size + 1}`;
    const card = { id, name: name ?? old?.name ?? '', language: null, segment: null, fields };
    this.cards.set(address, { ...old, ...card });
    return id;
  }
  write_note(contact, interaction, text) {
    this.notes.push({ contact, interaction, text });
  }
  history_recent() {
    return this.history;
  }
}

/** The one host of a test process, also where a bundle has a copy of this module. */
export const host = (globalThis[Symbol.for('jackfield.host')] ??= new Host());

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

/**
 * One contact in a flow: `keys` are what the customer enters, one for each question; `ends` is how
 * the stay in a queue ends. `lines` is what happened to the customer, a line each.
 */
export class Session {
  constructor({ keys = [], ends = 'served', caller = '+441632960011', open = true } = {}) {
    Object.assign(this, { keys: [...keys], ends, from: caller, open });
    this.lines = [];
    this.attributes = new Map();
    this.tag = 'en';
  }
  id() { return '0000000000000'; }
  channel() { return 'voice'; }
  caller() { return this.from; }
  dialled() { return '100'; }
  language() { return this.tag; }
  setLanguage(tag) { this.tag = tag; }
  attribute(name) { return this.attributes.get(name) ?? null; }
  setAttribute(name, value) { this.attributes.set(name, value); }
  answer() { this.lines.push('answer'); }
  say(text) { this.lines.push(`say ${text}`); }
  play(prompts) {
    for (const one of prompts) this.lines.push(`play ${one.tag} ${one.val}`);
  }
  gather(prompts) {
    this.play(prompts);
    const key = this.keys.shift();
    this.lines.push(key === undefined ? 'nothing pressed' : `pressed ${key}`);
    return key === undefined ? { tag: 'nothing' } : { tag: 'input', val: key };
  }
  record() { return { lengthMs: 1000, name: 'recording' }; }
  enqueue(queue) {
    this.lines.push(`enqueue ${queue}`);
    return typeof this.ends === 'string' ? { tag: this.ends } : this.ends;
  }
  callback(queue) { this.lines.push(`callback ${queue}`); }
  isOpen() { return this.open; }
  transfer(to) { this.lines.push(`transfer ${to}`); }
  sendDigits(digits) { this.lines.push(`send ${digits}`); }
  hangUp(reason) { this.lines.push(`hang up ${reason ?? ''}`.trim()); }
}
