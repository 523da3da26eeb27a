import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { toText } from '../../../../js/jackfield/json.js';
import { host, incoming, outgoing } from '../../../../js/jackfield/testing.mjs';
import { channelGuest } from '../src/plugin.ts';

beforeEach(() => {
  host.reset();
  host.settings.url = 'https://texts.example/send';
  host.secrets.token = 's3cret';
});

const receives = (body, token = 's3cret') => {
  const { reply, events } = channelGuest.receive(incoming(body, { headers: [['x-token', token]] }));
  return { status: reply.status, said: toText(reply.body), events };
};

test('a message is read', () => {
  const { status, events } = receives('{"from": "eva", "id": "m1", "text": "Hello"}');
  const message = { from: 'eva', id: 'm1', text: 'Hello', name: null, language: null, attributes: [] };
  assert.deepEqual([status, events], [200, [{ tag: 'message', val: message }]]);
});

test('what is no message is refused, with the reason', () => {
  const { status, said, events } = receives('{"from": "eva", "id": 1}');
  assert.deepEqual([status, events], [400, []]);
  assert.equal(said, '{"error":"`id`: a text that is not empty is accepted"}');
  assert.equal(receives('{').status, 400);
  assert.match(receives('['.repeat(20000)).said, /nested deeper than 64/);
  assert.deepEqual(receives('{}', 'guessed').status, 401);
  host.secrets = {};
  assert.throws(() => receives('{}'), { tag: 'configuration', val: 'there is no secret `token`' });
});

test('a message is sent with the token, which the plugin does not have', () => {
  host.respond = () => ({ status: 200, body: '{"id": "42"}' });
  const receipt = channelGuest.send(outgoing('Good day', { to: 'eva', id: 'i1' }));
  assert.deepEqual(receipt, { id: '42', state: 'accepted' });
  const [{ url, headers, body }] = host.requests;
  assert.deepEqual([url, body], ['https://texts.example/send', '{"to":"eva","id":"i1","text":"Good day"}']);
  assert.deepEqual(headers.at(-1), ['authorization', 'Bearer {{secret:token}}']);
});

test('a customer gets no secret by naming it', () => {
  host.respond = () => ({ status: 204 });
  channelGuest.send(outgoing('{{secret:token}}'));
  assert.ok(!host.requests[0].body.includes('{{secret:'));
  assert.equal(JSON.parse(host.requests[0].body).text, '{{secret:token}}');
});

test('what may go well later is tried again', () => {
  const sends = () => channelGuest.send(outgoing('Good day'));
  for (const status of [408, 429, 500, 503]) {
    host.respond = () => ({ status });
    assert.throws(sends, { tag: 'unavailable', val: `it answered ${status}` });
  }
  host.respond = () => ({ status: 403 });
  assert.throws(sends, { tag: 'failed', val: 'it answered 403' });
  host.respond = () => { throw { tag: 'timeout' }; };
  assert.throws(sends, { tag: 'unavailable', val: 'no answer: timeout' });
  delete host.settings.url;
  assert.throws(sends, { tag: 'configuration', val: '`url` is not set' });
});
