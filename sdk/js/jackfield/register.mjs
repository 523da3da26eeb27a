// Lets ordinary Node import what the host offers: `node --import ./jackfield/register.mjs --test`.
// Every `jackfield:...` module is then the mock host's.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
