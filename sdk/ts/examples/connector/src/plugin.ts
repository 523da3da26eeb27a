// Keeps another system in step with the centre: tells it what happens, and asks it for customers.
import type { Customer } from 'jackfield:connecting/connecting@0.1.0';
import { add } from 'jackfield:metrics/metrics@0.1.0';
import type { ConnectorGuest } from 'jackfield:plugin/connector-guest@0.1.0';
import { get as setting } from 'jackfield:settings/settings@0.1.0';
import type { Attribute } from 'jackfield:types/types@0.1.0';
import { failure } from '../../../../js/jackfield/common.js';
import { get, post, taken } from '../../../../js/jackfield/outside.js';

/** The host puts the secret in where the request leaves: the plugin never holds it. */
const BEARER: Attribute[] = [['authorization', 'Bearer {{secret:token}}']];

export const connectorGuest: ConnectorGuest = {
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
const tell = (type: string, data: object): any => taken(post(url(), { type, data }, BEARER));

function url(): string {
  const value = setting('url');
  if (!value) throw failure('configuration', '`url` is not set');
  return value;
}

/** What the other system calls something; null if it does not say. */
function idOf(answer: any): string | null {
  const id = answer?.id;
  return ['string', 'number'].includes(typeof id) && id !== '' ? String(id) : null;
}

function customer(answer: any): Customer {
  const text = (name: string) => (typeof answer?.[name] === 'string' ? answer[name] : null);
  const fields = Object.entries(answer?.fields ?? {});
  return {
    id: idOf(answer) ?? fails('the customer has no `id`'),
    name: text('name') || fails('the customer has no `name`'),
    language: text('language'), segment: text('segment'), url: text('url'),
    fields: fields.map(([name, value]): Attribute => [name, String(value)]),
  };
}

function fails(why: string): never {
  throw failure('failed', why);
}
