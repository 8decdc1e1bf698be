/** Arguments that daily-js refuses itself, before the call machine receives them. */
import { expect, test } from "vitest";

import { daily, join } from "./calls.js";

const room = await daily.createRoom({ enable_dialout: true });
const number = "+12065550100";
const sipUri = "sip:bob@127.0.0.1";

test.each([
  [{}, "either a sip uri or phone number must be provided"],
  [{ sipUri, phoneNumber: number }, "only one of sip uri or phone number must be provided"],
  [{ sipUri: "bob@127.0.0.1" }, "Invalid SIP URI, must start with 'sip:'"],
  [{ phoneNumber: "2065550100" }, "Invalid phone number, must be valid phone number as per E.164"],
  [{ sipUri, callerId: number }, "callerId not allowed with sipUri"],
  [{ phoneNumber: number, displayName: "x".repeat(200) }, "displayName length must be less than 200"],
  [{ phoneNumber: number, userId: "x".repeat(37) }, "userId length must be less than or equal to 36"],
  [{ phoneNumber: number, extension: "1".repeat(21) }, "extension length must be less than or equal to 20"],
  [
    { phoneNumber: number, waitBeforeExtensionDialSec: 4 },
    "waitBeforeExtensionDialSec requires a phoneNumber and extension",
  ],
  [{ phoneNumber: number, codecs: { audio: ["MP3"] } }, "audio codec must be one of OPUS, PCMU, PCMA, G722"],
  [{ sipUri, codecs: { video: ["H265"] } }, "video codec must be H264 or VP8"],
  [{ sipUri, videoSettings: { width: 640 } }, "videoSettings provided but video is not enabled"],
])("startDialOut(%o)", async (options, words) => {
  const call = await join(room);
  await expect(call.startDialOut(options)).rejects.toThrow(`Error starting dial out: ${words}`);
});

test.each([
  [{ tones: "1" }, "sessionId and tones are mandatory parameter"],
  [{ sessionId: "x", tones: "1".repeat(21) }, "tones string must be upto 20 characters"],
  [{ sessionId: "x", tones: "1e" }, "e is not valid DTMF tone"],
  [{ sessionId: "x", tones: "1", method: "inband" }, "method must be one of 'sip-info', 'telephone-event', or 'auto'"],
  [{ sessionId: "x", tones: "1", digitDurationMs: 20 }, "digitDurationMs must be between 50ms and 2000ms"],
])("sendDTMF(%o)", async (options, words) => {
  const call = await join(room);
  await expect(call.sendDTMF(options)).rejects.toThrow(words);
});
