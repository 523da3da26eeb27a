import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateAsk } from '../../../jackfield/testing.mjs';
import { estimatorGuest } from '../src/plugin.js';

test('a handle time for each agent and place in line', () => {
  const ask = estimateAsk({ position: 4, agents: 2, recentHandlesMs: [100000, 140000] });
  assert.deepEqual(estimatorGuest.estimate(ask), { p50Ms: 240000, p90Ms: 480000 });
});

test('without handle times it cannot tell', () => {
  assert.equal(estimatorGuest.estimate(estimateAsk()), null);
});
