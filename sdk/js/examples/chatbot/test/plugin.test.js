import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { host, turn } from '../../../jackfield/testing.mjs';
import { chatbotGuest } from '../src/plugin.js';

beforeEach(() => host.reset());

const does = (text, misses = '') => {
  const { actions } = chatbotGuest.takeTurn(turn(text, { attributes: [['misses', misses]] }));
  return actions.map(({ tag, val }) => [tag, val.summary ?? val]);
};

test('it greets, and tells the hours', () => {
  assert.deepEqual(does(''), [['say', 'Hello! Ask me about our opening hours.']]);
  const forgets = ['set-attribute', ['misses', '0']];
  assert.deepEqual(does('When are you OPEN?', '1'), [['say', 'We are open from 9 to 18.'], forgets]);
  host.settings.hours = 'Day and night.';
  assert.deepEqual(does('Your hours?'), [['say', 'Day and night.'], forgets]);
});

test('a person is fetched who asks for one, and who is not understood twice', () => {
  const asked = 'The customer asked for a person: A person!';
  assert.deepEqual(does('A person!'), [['hand-over', asked]]);
  assert.deepEqual(does('Blue elephants'), [
    ['say', 'I did not understand that. Shall I get a person?'],
    ['set-attribute', ['misses', '1']],
  ]);
  const summary = 'The bot did not understand the customer twice: Elephants';
  assert.deepEqual(does('Elephants', '1'), [['hand-over', summary]]);
});

test('what the agent reads first is short', () => {
  const [[, summary]] = does('🐘'.repeat(9000), '1');
  assert.ok(Buffer.byteLength(summary) <= 2000, `${Buffer.byteLength(summary)} bytes`);
});
