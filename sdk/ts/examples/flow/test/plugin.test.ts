import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { host, Session } from '../../../../js/jackfield/testing.mjs';
import { flowGuest } from '../src/plugin.ts';

beforeEach(() => host.reset());

test('two is support', () => {
  const session = new Session({ keys: ['2'] });
  flowGuest.run(session as any);
  assert.deepEqual(session.lines, [
    'answer',
    'play text For sales press 1, for support press 2.',
    'pressed 2',
    'enqueue support',
    'hang up served',
  ]);
  assert.equal(session.attributes.get('chosen'), 'support');
});

test('who is not served hears so', () => {
  const session = new Session({ ends: 'timed-out' });
  flowGuest.run(session as any);
  assert.ok(session.lines.includes('say Nobody is free. Please call again later.'));
  assert.deepEqual(host.logged, [['info', 'the stay in sales ended: timed-out']]);
});
