// Tells the opening hours, and fetches a person for the rest.
import { get } from 'jackfield:settings/settings@0.1.0';
import { attribute } from '../../../jackfield/common.js';

const GREETING = 'Hello! Ask me about our opening hours.';
const HOURS = 'We are open from 9 to 18.';
const UNKNOWN = 'I did not understand that. Shall I get a person?';
/** Attribute of the conversation: questions in a row that were not understood. */
const MISSES = 'misses';
/** Characters of the customer's that the agent reads first. */
const SUMMARY_CHARS = 200;

/** @type {import('jackfield:plugin/chatbot-guest@0.1.0').ChatbotGuest} */
export const chatbotGuest = {
  takeTurn(turn) {
    const asked = turn.text.toLowerCase();
    const has = (...words) => words.some((word) => asked.includes(word));
    if (asked.trim() === '') return { actions: [say(GREETING)], because: [['rule', 'greeting']] };
    if (has('person', 'agent')) return handOver('The customer asked for a person', turn);
    if (has('open', 'hours')) {
      return { actions: [say(get('hours') ?? HOURS), missed(0)], because: [['rule', 'hours']] };
    }
    if (0 < Number(attribute(turn.attributes, MISSES))) {
      return handOver('The bot did not understand the customer twice', turn);
    }
    return { actions: [say(UNKNOWN), missed(1)], because: [['rule', 'not-understood']] };
  },
};

const say = (text) => ({ tag: 'say', val: text });

const missed = (count) => ({ tag: 'set-attribute', val: [MISSES, String(count)] });

/** Gives the conversation to a person, with what the customer wrote last. */
function handOver(why, turn) {
  const summary = `${why}: ${[...turn.text].slice(0, SUMMARY_CHARS).join('')}`;
  const val = { queue: null, summary, required: [], priority: 0, attributes: [] };
  return { actions: [{ tag: 'hand-over', val }], because: [['rule', 'person']] };
}
