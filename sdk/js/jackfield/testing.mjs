// What the tests of a plugin use: the mock host, questions to put to the plugin, a contact in a flow.
export { host } from './host.mjs';
export * from './questions.mjs';

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
