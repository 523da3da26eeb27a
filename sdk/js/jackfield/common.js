// What plugins of every world have in common.

/** The value of an attribute; null if there is none or it is empty. */
export function attribute(attributes, name) {
  const found = attributes.find(([key]) => key === name);
  return found?.[1] || null;
}

/** What an export throws when it cannot do its work: `configuration`, `unavailable` or `failed`. */
export function failure(tag, text) {
  return { tag, val: text };
}
