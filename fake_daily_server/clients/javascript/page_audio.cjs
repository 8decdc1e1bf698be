"use strict";
/** What a page plays, heard in the browser itself. */

const { checkOptions } = require("./option_checks.cjs");

const WITHIN_MS = 5000;

/**
 * Wait until an element plays a tone, as its loudest sound. It may get its stream while this waits.
 *
 * @param {{evaluate(run: Function, argument: unknown): Promise<any>}} element a locator of an audio or video element
 * @param {number} hz
 * @param {{within?: number}} [options] ms
 * @returns {Promise<void>} rejects with what it played instead
 */
async function expectTone(element, hz, options) {
  const { within = WITHIN_MS } = checkOptions("expectTone", options, ["within"]);
  const { found, heard } = await element.evaluate(hear, { hz, within });
  if (!found) {
    throw new Error(`Expected  ${element} plays ${hz} Hz  within ${within / 1000} s\nInstead   ${heard}`);
  }
}

/**
 * Runs in the page.
 *
 * @param {any} element
 * @param {{hz: number, within: number}} wanted
 * @returns {Promise<{found: boolean, heard: string}>}
 */
async function hear(element, { hz, within }) {
  const AUDIBLE_DB = -70;
  const LOOK_EACH_MS = 40;
  const { AudioContext, performance } = element.ownerDocument.defaultView;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  const width = context.sampleRate / analyser.fftSize;
  const levels = new Float32Array(analyser.frequencyBinCount);
  let stream = null;
  let source = null;
  let heard = "it has no stream with sound";
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
      await new Promise((next) => setTimeout(next, LOOK_EACH_MS));
    }
    return { found: false, heard };
  } finally {
    await context.close();
  }
}

module.exports = { expectTone };
