import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ask, candidate, host } from '../../../jackfield/testing.mjs';
import { routerGuest } from '../src/plugin.js';

beforeEach(() => host.reset());

test('the highest level comes first, equals by idle time', () => {
  const answer = routerGuest.choose(
    ask([
      candidate('ann', { level: 3, idleMs: 9000 }),
      candidate('bob', { level: 8, idleMs: 1000 }),
      candidate('cat', { level: 8, idleMs: 2000 }),
    ]),
  );
  assert.deepEqual(answer.decision, { tag: 'offer', val: ['cat', 'bob', 'ann'] });
  assert.deepEqual(answer.because, [['rule', 'highest-level'], ['level', '8']]);
});

test('it says how many there were', () => {
  routerGuest.choose(ask([candidate('ann')]));
  assert.deepEqual(host.logged, [['debug', '1 agents could take 0000000000000']]);
});
