// What the SDK itself promises: `node --import ./jackfield/register.mjs --test test/*.test.js`.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { of } from 'jackfield:crm/address@0.1.0';
import { find } from 'jackfield:crm/read@0.1.0';
import { kind } from 'jackfield:crm/segment@0.1.0';
import { upsert } from 'jackfield:crm/write@0.1.0';
import { send } from 'jackfield:messaging/messaging@0.1.0';
import { hmacSha256, known, verifyHmacSha256 } from 'jackfield:secrets/secrets@0.1.0';
import { all } from 'jackfield:settings/settings@0.1.0';
import { fromJson, toBytes, toJson, toText } from '../jackfield/json.js';
import { get, post, taken } from '../jackfield/outside.js';
import { host } from '../jackfield/testing.mjs';

beforeEach(() => host.reset());

const read = (text) => fromJson(toBytes(text));

test('texts and JSON come back as they were', () => {
  for (const text of ['', 'ж🐘', 'x'.repeat(10000), '{{secret:key}}', '{{{secret:key}}}', '"[[\\']) {
    assert.equal(toText(toBytes(text)), text);
    assert.deepEqual(fromJson(toJson({ [text]: [text] })), { [text]: [text] });
    assert.ok(!toText(toJson(text)).includes('{{secret:'));
  }
});

test('what would break the component is refused', () => {
  const deep = (depth) => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(JSON.stringify(read(deep(64))), deep(64));
  assert.throws(() => read(deep(65)), /nested deeper than 64/);
  assert.throws(() => read('{"a":'.repeat(20000)), /nested deeper than 64/);
  assert.equal(read(`"${'['.repeat(99)}\\"${'['.repeat(99)}"`).length, 199);
  assert.throws(() => fromJson(Uint8Array.of(0x22, 0xff, 0x22)), /not UTF-8/);
  assert.throws(() => read('"\\ud83d"'), /half of a character/);
  assert.equal(read('"\\ud83d\\ude00\\\\ud83d"'), '😀\\ud83d');
});

test('a request that cannot be made is a mistake of the configuration', () => {
  assert.throws(() => get('https://a.example'), { tag: 'unavailable', val: /^unreachable: / });
  const header = [['authorization', 'Bearer {{secret:key}}']];
  assert.throws(() => get('https://a.example', header), { tag: 'configuration', val: /`key`/ });
  assert.equal(host.requests.length, 1, 'the one without a known secret left');
  host.secrets.key = 's3cret';
  host.respond = ({ method, body }) => ({ status: 200, body: `{"method":"${method}","got":${body}}` });
  assert.deepEqual(taken(post('https://a.example', [1], header)), { method: 'post', got: [1] });
});

test('the mock host knows settings and secrets, customers and channels', () => {
  host.settings = { url: 'x', tries: 2 };
  assert.deepEqual(all(), [['tries', '2'], ['url', 'x']]);
  host.secrets.key = 'Jefe';
  assert.deepEqual([known('key'), known('other')], [true, false]);
  // The second case of RFC 4231.
  const code = hmacSha256('key', toBytes('what do ya want for nothing?'));
  assert.equal(Buffer.from(code).toString('hex').slice(0, 16), '5bdcc146bf60754e');
  assert.ok(verifyHmacSha256('key', toBytes('what do ya want for nothing?'), code));
  assert.ok(!verifyHmacSha256('key', toBytes('nothing'), code));
  assert.throws(() => hmacSha256('other', code), { payload: { tag: 'unknown-name', val: 'other' } });

  const id = upsert('+441632960011', 'Eva', [['tier', '2'], ['city', 'Riga']]);
  assert.equal(upsert('+441632960011', null, [['tier', '3']]), id);
  const fields = [['tier', '3'], ['city', 'Riga']];
  assert.deepEqual(find('+441632960011'), { id, name: 'Eva', language: null, segment: null, fields });
  assert.deepEqual(kind('+441632960011'), { id, segment: null, language: null });
  host.addresses.set(id, { phones: ['+441632960011'], emails: [] });
  assert.deepEqual(of(id).phones, ['+441632960011']);
  assert.throws(() => kind('+4400'), { payload: { tag: 'not-found' } });

  assert.deepEqual(send('web', 'eva', 'Hello', []), { id: 'message-1', state: 'accepted' });
  assert.equal(host.messages[0].text, 'Hello');
  const unknown = { payload: { tag: 'unknown-channel', val: 'fax' } };
  assert.throws(() => send('fax', 'eva', 'Hello', []), unknown);
});
