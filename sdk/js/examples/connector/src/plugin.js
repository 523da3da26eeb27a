// Keeps another system in step with the centre: tells it what happens, and asks it for customers.
import { add } from 'jackfield:metrics/metrics@0.1.0';
import { get as setting } from 'jackfield:settings/settings@0.1.0';
import { failure } from '../../../jackfield/common.js';
import { get, post, taken } from '../../../jackfield/outside.js';

/** The host puts the secret in where the request leaves: the plugin never holds it. */
const BEARER = [['authorization', 'Bearer {{secret:token}}']];

/** @type {import('jackfield:plugin/connector-guest@0.1.0').ConnectorGuest} */
export const connectorGuest = {
  handleEvent(event) {
    tell('event', event);
  },

  findContact(address) {
    const found = get(`${url()}?address=${encodeURIComponent(address)}`, BEARER);
    return found.status === 404 ? null : customer(taken(found));
  },

  createLead(lead) {
    return idOf(tell('lead', lead)) ?? fails('the answer to a lead has no `id`');
  },

  logInteraction(log) {
    return idOf(tell('log', log));
  },

  attachRecording(recording) {
    tell('recording', recording);
  },

  receive() {
    return { status: 204, headers: [], body: new Uint8Array() };
  },

  runSchedule() {
    add('schedules', 1);
  },
};

/** Posts one message; returns the JSON it is answered, null without any. */
const tell = (type, data) => taken(post(url(), { type, data }, BEARER));

function url() {
  const value = setting('url');
  if (!value) throw failure('configuration', '`url` is not set');
  return value;
}

/** What the other system calls something; null if it does not say. */
function idOf(answer) {
  const id = answer?.id;
  return ['string', 'number'].includes(typeof id) && id !== '' ? String(id) : null;
}

function customer(answer) {
  const text = (name) => (typeof answer?.[name] === 'string' ? answer[name] : null);
  const fields = Object.entries(answer?.fields ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    id: idOf(answer) ?? fails('the customer has no `id`'),
    name: text('name') || fails('the customer has no `name`'),
    language: text('language'), segment: text('segment'), url: text('url'), fields,
  };
}

function fails(why) {
  throw failure('failed', why);
}
