import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { campaign, host } from '../../../../js/jackfield/testing.mjs';
import { pacerGuest } from '../src/plugin.ts';

beforeEach(() => host.reset());

const dials = (given) => pacerGuest.decide(campaign(given)).dial;

test('so many for each idle agent, rounded down', () => {
  assert.equal(dials({ agentsIdle: 5 }), 7);
  host.settings['per-agent'] = 1;
  assert.equal(dials({ agentsIdle: 5 }), 5);
  host.settings['per-agent'] = 'many';
  assert.throws(() => dials({ agentsIdle: 5 }), { tag: 'configuration' });
});

test('what is under way counts, and lines are not dreamt of', () => {
  assert.equal(dials({ agentsIdle: 4, dialling: 2, waiting: 1 }), 3);
  assert.equal(dials({ agentsIdle: 4, dialling: 9 }), 0);
  assert.equal(dials({ agentsIdle: 4000000000, linesFree: 20 }), 20);
});

test('over the limit only idle agents are dialled for', () => {
  const over = { agentsIdle: 4, answered: 100, abandonedMax: 0.03 };
  assert.equal(dials({ ...over, abandoned: 3 }), 6);
  assert.equal(dials({ ...over, abandoned: 4 }), 4);
  assert.deepEqual(pacerGuest.decide(campaign({ ...over, abandoned: 4 })).because, [
    ['rule', 'abandon-limit'], ['agents', '4'],
  ]);
});
