import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { event, host, incoming, interactionLog, lead, recording } from '../../../../js/jackfield/testing.mjs';
import { connectorGuest } from '../src/plugin.ts';

beforeEach(() => {
  host.reset();
  host.settings.url = 'https://crm.example/api';
  host.secrets.token = 's3cret';
});

const told = () => host.requests.map(({ body }) => JSON.parse(body));

test('what happens is told, with the token', () => {
  host.respond = () => ({ status: 200, body: '{"id": 7}' });
  connectorGuest.handleEvent(event('arrived', { address: '+441632960011' }));
  assert.equal(connectorGuest.createLead(lead({ name: 'Eva' })), '7');
  assert.equal(connectorGuest.logInteraction(interactionLog({ waitedMs: 4100 })), '7');
  connectorGuest.attachRecording(recording({ entry: '7' }));
  assert.deepEqual(told().map(({ type }) => type), ['event', 'lead', 'log', 'recording']);
  const [{ data: arrived }, { data: wanted }, { data: logged }, { data: kept }] = told();
  assert.deepEqual([arrived.kind, arrived.address], ['arrived', '+441632960011']);
  assert.deepEqual([wanted.name, logged.waitedMs, kept.entry], ['Eva', 4100, '7']);
  for (const { headers } of host.requests) {
    assert.deepEqual(headers.at(-1), ['authorization', 'Bearer {{secret:token}}']);
  }
});

test('a customer is found, or is not', () => {
  host.respond = () => ({ status: 200, body: '{"id": 7, "name": "Eva", "fields": {"tier": 2}}' });
  assert.deepEqual(connectorGuest.findContact('+44 1'), {
    id: '7', name: 'Eva', language: null, segment: null, url: null, fields: [['tier', '2']],
  });
  assert.equal(host.requests[0].url, 'https://crm.example/api?address=%2B44%201');
  host.respond = () => ({ status: 404 });
  assert.equal(connectorGuest.findContact('+441'), null);
  host.respond = () => ({ status: 200, body: '{"name": "Eva"}' });
  assert.throws(() => connectorGuest.findContact('+441'), { val: 'the customer has no `id`' });
});

test('what was not taken is an error', () => {
  const tells = () => connectorGuest.handleEvent(event('ended'));
  assert.throws(tells, { tag: 'unavailable' });
  host.respond = () => ({ status: 400 });
  assert.throws(tells, { tag: 'failed', val: 'it answered 400' });
  host.respond = () => ({ status: 200, body: 'thanks' });
  assert.throws(tells, { tag: 'failed', val: /^its answer is no JSON/ });
});

test('webhooks are answered and schedules counted', () => {
  assert.equal(connectorGuest.receive(incoming('{}')).status, 204);
  connectorGuest.runSchedule();
  assert.deepEqual(host.counters, { schedules: 1 });
});
