"use strict";
/** Refuses misspelt options at once, with a suggestion. */

/**
 * @template {object} Options
 * @param {string} verb
 * @param {Options | undefined} given
 * @param {(keyof Options & string)[]} known
 * @returns {Partial<Options>} the given options; throws a TypeError for an unknown option
 */
function checkOptions(verb, given, known) {
  if (given === undefined) {
    return {};
  }
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`${verb}: options must be an object with ${known.join(", ")}, not ${JSON.stringify(given)}`);
  }
  for (const option of Object.keys(given)) {
    if (!known.some((name) => name === option)) {
      throw new TypeError(
        `${verb} has no option ${JSON.stringify(option)}; did you mean ${JSON.stringify(mostSimilar(option, known))}?`,
      );
    }
  }
  return given;
}

/** @param {string} name @param {string[]} known */
function mostSimilar(name, known) {
  const distances = known.map((candidate) => ({ candidate, distance: levenshtein(name, candidate) }));
  return distances.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** The Levenshtein distance. @param {string} a @param {string} b */
function levenshtein(a, b) {
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

module.exports = { checkOptions, mostSimilar };
