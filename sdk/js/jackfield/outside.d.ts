import type { Response } from 'jackfield:http/outbound@0.1.0';
import type { Attribute } from 'jackfield:types/types@0.1.0';

/**
 * Posts a value as JSON; answers the response, whatever its status. In the value of a header
 * `{{secret:NAME}}` is put in by the host. Throws `unavailable` if there is no answer, and
 * `configuration` if none may be had.
 */
export function post(url: string, value: unknown, headers?: Attribute[]): Response;
/** Asks for what is at a URL; as `post`. */
export function get(url: string, headers?: Attribute[]): Response;
/**
 * The JSON of a response of the 200s, null without any. Throws `unavailable` for a response after which
 * the same may go well later, and `failed` for any other.
 */
export function taken(response: Response): any;
