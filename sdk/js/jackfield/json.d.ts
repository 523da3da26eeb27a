/** A text as UTF-8. */
export function toBytes(text: string): Uint8Array;
/** UTF-8 as a text. Throws a `SyntaxError` if the bytes are none. */
export function toText(bytes: Uint8Array): string;
/**
 * A value as JSON in UTF-8. What would stand for a secret in a request is written such that it stands
 * for itself: texts of customers are not to be trusted with that.
 */
export function toJson(value: unknown): Uint8Array;
/** The value of JSON in UTF-8. Throws a `SyntaxError` that says what is wrong with it. */
export function fromJson(bytes: Uint8Array): any;
