// Brings plain texts in and out: another system posts what customers write to the webhook, and is
// posted what they are answered.
import { equals, known } from 'jackfield:secrets/secrets@0.1.0';
import { get as setting } from 'jackfield:settings/settings@0.1.0';
import { failure } from '../../../jackfield/common.js';
import { fromJson, toJson } from '../../../jackfield/json.js';
import { post, taken } from '../../../jackfield/outside.js';

/** Both systems know this secret: it is put into our requests by the host, and shown in theirs. */
const SECRET = 'token';
const BEARER = [['authorization', `Bearer {{secret:${SECRET}}}`]];

/** @type {import('jackfield:plugin/channel-guest@0.1.0').ChannelGuest} */
export const channelGuest = {
  describe() {
    return { kind: 'message', textBytesMax: 4000, choices: false, receipts: false, attributes: [] };
  },

  receive({ headers, body }) {
    if (!known(SECRET)) throw failure('configuration', `there is no secret \`${SECRET}\``);
    const [, token] = headers.find(([name]) => name === 'x-token') ?? [];
    if (!equals(SECRET, token ?? '')) return refused(401, 'the header `x-token` is wrong');
    let message;
    try {
      message = read(fromJson(body));
    } catch (error) {
      return refused(400, error.message);
    }
    return { reply: reply(200, {}), events: [{ tag: 'message', val: message }] };
  },

  send({ to, id, text }) {
    const url = setting('url');
    if (!url) throw failure('configuration', '`url` is not set');
    const answer = taken(post(url, { to, id, text }, BEARER));
    return { id: String(answer?.id || id || 'unnamed'), state: 'accepted' };
  },
};

/** A message of `{"from", "id", "text"}`. */
function read(given) {
  for (const name of ['from', 'id', 'text']) {
    if (typeof given?.[name] !== 'string' || given[name] === '') {
      throw new TypeError(`\`${name}\`: a text that is not empty is accepted`);
    }
  }
  const { from, id, text } = given;
  return { from, id, text, name: null, language: null, attributes: [] };
}

const refused = (status, error) => ({ reply: reply(status, { error }), events: [] });

function reply(status, value) {
  return { status, headers: [['content-type', 'application/json']], body: toJson(value) };
}
