// Requests to other systems. A plugin that uses this wants `http`.
import { send } from 'jackfield:http/outbound@0.1.0';
import { failure } from './common.js';
import { fromJson, toJson } from './json.js';

/** Statuses after which the same may go well later, besides those of 500 and more. */
const AGAIN = [408, 429];

/** Posts a value as JSON; answers the response, whatever its status. */
export function post(url, value, headers = []) {
  const json = ['content-type', 'application/json'];
  return sent({ method: 'post', url, headers: [json, ...headers], body: toJson(value), timeoutMs: null });
}

/** Asks for what is at a URL; answers the response, whatever its status. */
export function get(url, headers = []) {
  return sent({ method: 'get', url, headers, body: new Uint8Array(), timeoutMs: null });
}

/** Sends a request. Throws `unavailable` if there is no answer, and `configuration` if none may be had. */
function sent(request) {
  try {
    return send(request);
  } catch (error) {
    const { tag, val } = error.payload ?? {};
    if (tag === undefined) throw error;
    if (tag === 'invalid' || tag === 'not-allowed') throw failure('configuration', val);
    throw failure('unavailable', val ? `${tag}: ${val}` : `no answer: ${tag}`);
  }
}

/**
 * The JSON of a response of the 200s, null without any. Throws `unavailable` for a response after which
 * the same may go well later, and `failed` for any other.
 */
export function taken({ status, body }) {
  if (AGAIN.includes(status) || 500 <= status) throw failure('unavailable', `it answered ${status}`);
  if (status < 200 || 300 <= status) throw failure('failed', `it answered ${status}`);
  if (body.length === 0) return null;
  try {
    return fromJson(body);
  } catch (error) {
    throw failure('failed', `its answer is no JSON: ${error.message}`);
  }
}
