import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transcript } from '../../../jackfield/testing.mjs';
import { analystGuest } from '../src/plugin.js';

const FORM = [{ id: 'greeted', text: 'Did the agent greet?', answers: ['yes', 'no'], attributes: [] }];

test('how the customer felt, and what it was about', () => {
  const findings = analystGuest.analyse(transcript([
    ['customer', 'My invoice is bad, all is broken.'],
    ['agent', 'That is bad. Here is a good one.'],
    ['customer', 'Thanks'],
    ['bot', 'Goodbye'],
  ]));
  assert.equal(findings.sentiment, -1 / 3);
  assert.deepEqual(findings.topics, [{ name: 'billing', score: 0.25 }]);
  assert.deepEqual(findings.answers, []);
});

test('whether the agent greeted, if that is asked', () => {
  const answers = (...said) => analystGuest.analyse(transcript(said, { questions: FORM })).answers;
  const greeted = (answer, evidence = 1) => [{ question: 'greeted', answer, confidence: 0.9, evidence }];
  assert.deepEqual(answers(['customer', 'Hello'], ['agent', 'Hello, this is Anna']), greeted('yes'));
  assert.deepEqual(answers(['customer', 'Hello'], ['agent', 'What?'], ['agent', 'Hello']), greeted('no'));
  assert.deepEqual(answers(['customer', 'Hello']), greeted('no', null));
});

test('what no word shows is not told', () => {
  const { sentiment, topics } = analystGuest.analyse(transcript([['customer', 'Billy']]));
  assert.deepEqual([sentiment, topics], [null, []]);
});
