// Texts and JSON as bytes, which is what requests, webhooks and state are made of.

/** How deep JSON may be nested: the parser of the component has no stack for more than some thousands. */
const DEPTH = 64;
/** Bytes that are made text at once: each is an argument of one call. */
const PART = 4096;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = [0x5b, 0x7b];
const CLOSING = [0x5d, 0x7d];
/** An escaped backslash, both halves of a character beyond 16 bits, or one half: six letters. */
const HALVES = /\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]../g;

/** A text as UTF-8. */
export function toBytes(text) {
  const octets = unescape(encodeURIComponent(text));
  return Uint8Array.from(octets, (octet) => octet.charCodeAt(0));
}

/** UTF-8 as a text. Throws a `SyntaxError` if the bytes are none. */
export function toText(bytes) {
  let octets = '';
  for (let at = 0; at < bytes.length; at += PART) {
    octets += String.fromCharCode(...bytes.subarray(at, at + PART));
  }
  try {
    return decodeURIComponent(escape(octets));
  } catch {
    throw new SyntaxError('the bytes are not UTF-8');
  }
}

/**
 * A value as JSON in UTF-8. What would stand for a secret in a request is written such that it stands
 * for itself: texts of customers are not to be trusted with that.
 */
export function toJson(value) {
  return toBytes(JSON.stringify(value).replaceAll('{{', '{\\u007b'));
}

/** The value of JSON in UTF-8. Throws a `SyntaxError` that says what is wrong with it. */
export function fromJson(bytes) {
  if (DEPTH < depthOf(bytes)) throw new SyntaxError(`it is nested deeper than ${DEPTH}`);
  const text = toText(bytes);
  // No text of the contract can hold it.
  const half = [...text.matchAll(HALVES)].find(([found]) => found.length === 6);
  if (half) throw new SyntaxError(`\`${half[0]}\` is half of a character`);
  return JSON.parse(text);
}

/** How many brackets are open at once, at the most; those in strings nest nothing. */
function depthOf(bytes) {
  let [depth, deepest, inString] = [0, 0, false];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inString = !inString;
    else if (inString) at += byte === BACKSLASH ? 1 : 0;
    else if (OPENING.includes(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSING.includes(byte)) depth -= 1;
  }
  return deepest;
}
