// The mock host: what a plugin calls is answered here, and written down.
import { createHmac, timingSafeEqual } from 'node:crypto';

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
    /** Numbers and e-mails by the customer's id: `{ phones, emails }`. */
    this.addresses = new Map();
    /** Earlier contacts of the customer who waits, latest first. */
    this.history = [];
    /** Engine time, in seconds. */
    this.seconds = 0;
    /** What `utc` answers. */
    this.civil = { year: 2026, month: 1, day: 5, hour: 9, minute: 0, weekday: 1 };
    /** What `random` answers, one after the other, then 0.5. */
    this.chances = [];
    /** The plugin's settings, by name. */
    this.settings = {};
    /** The plugin's secrets, by name. */
    this.secrets = {};
    /** Requests the plugin made, their bodies as text; secrets are not put in. */
    this.requests = [];
    /**
     * Answers a request: `{ status, body }` with a text, or throws the `http-error`, such as
     * `{ tag: 'timeout' }`: the plugin catches an error with that as its `payload`.
     */
    this.respond = () => {
      throw { tag: 'unreachable', val: 'nobody answers in this test' };
    };
    /** Messages the plugin sent. */
    this.messages = [];
    /** Names of the tenant's channels. */
    this.channels = ['web'];
  }

  /** Called by the modules that stand for the host's. */
  call(module, word, given) {
    const answer = this[`${module.split('/')[1]}_${word}`];
    if (!answer) throw new Error(`the mock host has no ${word} of ${module}`);
    try {
      return answer.apply(this, given);
    } catch (payload) {
      if (payload instanceof Error) throw payload;
      // As in a component: the error of the contract is the payload of JavaScript's.
      throw Object.assign(new Error(`${payload} (see error.payload)`), { payload });
    }
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
    const id = `contact-${this.cards.size + 1}`;
    const old = this.cards.get(address) ?? { id, name: '', language: null, segment: null, fields: [] };
    // Fields that are not named stay.
    const kept = [...new Map([...old.fields, ...fields])];
    this.cards.set(address, { ...old, name: name ?? old.name, fields: kept });
    return old.id;
  }
  write_note(contact, interaction, text) {
    this.notes.push({ contact, interaction, text });
  }
  history_recent() {
    return this.history;
  }
  segment_kind(address) {
    const { id, segment, language } = this.read_find(address);
    return { id, segment, language };
  }
  address_of(contact) {
    const found = this.addresses.get(contact);
    if (!found) throw { tag: 'not-found' };
    return found;
  }
  settings_get(name) {
    return name in this.settings ? String(this.settings[name]) : null;
  }
  settings_all() {
    return Object.keys(this.settings).sort().map((name) => [name, this.settings_get(name)]);
  }
  outbound_send(request) {
    const body = Buffer.from(request.body).toString();
    for (const [, text] of request.headers) {
      for (const [, name] of text.matchAll(/\{\{secret:(.*?)\}\}/g)) {
        if (!(name in this.secrets)) throw { tag: 'invalid', val: `there is no secret \`${name}\`` };
      }
    }
    this.requests.push({ ...request, body });
    const { status, headers = [], body: answer = '' } = this.respond(this.requests.at(-1));
    return { status, headers, body: Uint8Array.from(Buffer.from(answer)) };
  }
  secrets_known(name) {
    return name in this.secrets;
  }
  secrets_hmacSha256(name, data) {
    return Uint8Array.from(createHmac('sha256', this.secret(name)).update(data).digest());
  }
  secrets_verifyHmacSha256(name, data, code) {
    const ours = this.secrets_hmacSha256(name, data);
    return ours.length === code.length && timingSafeEqual(ours, Uint8Array.from(code));
  }
  secrets_equals(name, candidate) {
    return this.secret(name) === candidate;
  }
  secret(name) {
    if (!(name in this.secrets)) throw { tag: 'unknown-name', val: name };
    return this.secrets[name];
  }
  messaging_send(channel, to, text, attributes) {
    if (!this.channels.includes(channel)) throw { tag: 'unknown-channel', val: channel };
    this.messages.push({ channel, to, text, attributes });
    return { id: `message-${this.messages.length}`, state: 'accepted' };
  }
}

/** The one host of a test process, also where a bundle has a copy of this module. */
export const host = (globalThis[Symbol.for('jackfield.host')] ??= new Host());
