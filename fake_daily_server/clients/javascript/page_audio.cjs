"use strict";
/** Analyses, in the browser, the audio that a page plays. */

const { checkOptions } = require("./option_checks.cjs");

const WITHIN_MS = 5000;

/**
 * Wait until a tone is the loudest frequency that an element plays. The element may receive its stream later.
 *
 * @param {{evaluate(run: Function, argument: unknown): Promise<any>}} element a locator of an audio or video element
 * @param {number} hz
 * @param {{within?: number}} [options] the timeout in ms, 5000 by default
 * @returns {Promise<void>} rejects with an error that names the sound played instead
 */
async function expectTone(element, hz, options) {
  const { within = WITHIN_MS } = checkOptions("expectTone", options, ["within"]);
  const { found, heard } = await element.evaluate(findTone, { hz, within });
  if (!found) {
    throw new Error(`Expected  ${element} plays ${hz} Hz  within ${within / 1000} s\nInstead   ${heard}`);
  }
}

/**
 * Search for the tone. Runs in the page, and so uses nothing from outside the function.
 *
 * @param {any} element
 * @param {{hz: number, within: number}} wanted
 * @returns {Promise<{found: boolean, heard: string}>}
 */
async function findTone(element, { hz, within }) {
  const AUDIBLE_DB = -70;
  const LOOK_EVERY_MS = 40;
  const { AudioContext, performance } = element.ownerDocument.defaultView;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  const width = context.sampleRate / analyser.fftSize;
  const levels = new Float32Array(analyser.frequencyBinCount);
  let stream = null;
  let source = null;
  let heard = "it has no stream with audio";
  try {
    for (const end = performance.now() + within; performance.now() < end; ) {
      if (element.srcObject !== stream && element.srcObject?.getAudioTracks().length) {
        source?.disconnect();
        stream = element.srcObject;
        source = context.createMediaStreamSource(stream);
        source.connect(analyser);
        heard = "it was silent";
      }
      analyser.getFloatFrequencyData(levels);
      const loudest = levels.indexOf(Math.max(...levels));
      if (levels[loudest] > AUDIBLE_DB) {
        heard = `its loudest tone was ${Math.round(loudest * width)} Hz`;
        if (Math.abs(loudest * width - hz) < 2 * width) {
          return { found: true, heard };
        }
      }
      await new Promise((next) => setTimeout(next, LOOK_EVERY_MS));
    }
    return { found: false, heard };
  } finally {
    await context.close();
  }
}

module.exports = { expectTone };
