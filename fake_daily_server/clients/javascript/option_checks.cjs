"use strict";
/** What is misspelt is refused at once, with what was probably meant. */

/**
 * @template {object} Options
 * @param {string} verb
 * @param {Options | undefined} given
 * @param {(keyof Options & string)[]} known
 * @returns {Partial<Options>} what was given; throws a TypeError for an option that the verb does not have
 */
function checkOptions(verb, given, known) {
  if (given === undefined) {
    return {};
  }
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`${verb}: options are an object with ${known.join(", ")}, and not ${JSON.stringify(given)}`);
  }
  for (const option of Object.keys(given)) {
    if (!known.some((name) => name === option)) {
      throw new TypeError(
        `${verb} has no option ${JSON.stringify(option)}; did you mean ${JSON.stringify(nearest(option, known))}?`,
      );
    }
  }
  return given;
}

/** @param {string} name @param {string[]} known */
function nearest(name, known) {
  return known.map((one) => ({ one, far: distance(name, one) })).sort((a, b) => a.far - b.far)[0]?.one;
}

/** Levenshtein's distance. @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

module.exports = { checkOptions, nearest };
