/** The helpers' behaviour and messages when something is not as expected. */
import { DailyHttpError, ExpectationFailed, expectEvent, startDaily } from "daily-telephony-simulator";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";

import { daily, join, newCall, newNumber, sessionIdOf, until } from "./calls.js";

const require = createRequire(import.meta.url);
const { fetchJson } = require("../node_modules/daily-telephony-simulator/http.cjs");
const room = await daily.createRoom({ enable_dialout: true });

test("startDaily uses the server that the environment names", async () => {
  const same = await startDaily();
  expect([same.apiUrl, same.apiKey]).toEqual([process.env.DAILY_API_URL, process.env.DAILY_API_KEY]);
  await same.stop();
  expect(await daily.rest("GET", `/rooms/${room.name}`)).toMatchObject({ name: room.name });
});

test("the real Daily is not used even if the environment names it", async () => {
  const { DAILY_API_URL, DAILY_API_KEY } = process.env;
  process.env.DAILY_API_URL = "https://api.daily.co/v1";
  const own = await startDaily();
  try {
    expect(own.apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect([own.apiUrl, own.apiKey]).toEqual([process.env.DAILY_API_URL, process.env.DAILY_API_KEY]);
  } finally {
    await own.stop();
  }
  expect([process.env.DAILY_API_URL, process.env.DAILY_API_KEY]).toEqual(["https://api.daily.co/v1", DAILY_API_KEY]);
  process.env.DAILY_API_URL = DAILY_API_URL;
});

test("a server that is started with settings has them, and a reset can change them", async () => {
  const shared = { url: process.env.DAILY_API_URL, key: process.env.DAILY_API_KEY };
  const own = await startDaily({ settings: { ring_timeout: 7, ok: "true", dialin_codecs: ["PCMA"] } });
  try {
    expect(own.apiUrl).not.toBe(shared.url);
    const started = { ring_timeout: 7, ok: "true", dialin_codecs: ["PCMA"] };
    expect(await own.control("GET", "/settings")).toMatchObject(started);
    await own.reset({ ring_timeout: 3 });
    expect(await own.control("GET", "/settings")).toMatchObject({ ...started, ring_timeout: 3 });
    await own.reset();
    expect(await own.control("GET", "/settings")).toMatchObject(started);
  } finally {
    await own.stop();
  }
  expect(process.env.DAILY_API_URL).toBe(shared.url);
  await expect(startDaily({ settings: { ring_timout: 7 } })).rejects.toThrow("unknown setting 'ring_timout'; did you mean 'ring_timeout'?");
});

test.each([
  [{ enable_dial_out: true }, {}, "unknown property 'enable_dial_out'; did you mean 'enable_dialout'?"],
  [{ enableDialout: true }, {}, "unknown property 'enableDialout'; did you mean 'enable_dialout'?"],
  [{ properties: { enable_dialout: true } }, {}, "unknown property 'properties'"],
  [{}, { nmae: "mine" }, 'createRoom has no option "nmae"; did you mean "name"?'],
])("a room with a misspelt property is refused: %j %j", async (properties, options, says) => {
  await expect(daily.createRoom(properties, options)).rejects.toThrow(says);
});

test("a server that cannot be started is reported with the reason and advice", async () => {
  const { startServer } = require("../node_modules/daily-telephony-simulator/server.cjs");
  await expect(startServer({ python: "/missing/python" })).rejects.toThrow(/could not be started[^]*DAILY_SIM_PYTHON/);
  await expect(startServer({ args: ["--mistake"] })).rejects.toThrow(/ended with status 2[^]*No such option/);
});

test("the output of a program that is no server is reported", async () => {
  const { startServer } = require("../node_modules/daily-telephony-simulator/server.cjs");
  const folder = mkdtempSync(path.join(tmpdir(), "program-"));
  const program = path.join(folder, "python");
  writeFileSync(program, "#!/bin/sh\necho Using a Python\nexec sleep 5\n", { mode: 0o755 });
  await expect(startServer({ python: program })).rejects.toThrow(/printed "Using a Python" before it was ready/);
  rmSync(folder, { recursive: true });
});

test("an answer that is not of the fake Daily is reported unchanged", async () => {
  const other = createServer((_, response) => response.writeHead(502).end("<html>Bad gateway</html>"));
  await once(other.listen(0, "127.0.0.1"), "listening");
  const refused = await fetchJson("GET", `http://127.0.0.1:${other.address().port}/v1`).catch((error) => error);
  other.close();
  expect(refused).toMatchObject({ name: "DailyHttpError", status: 502 });
  expect(refused.message).toMatch(/GET http:.* was answered with 502: "<html>Bad gateway/);
});

test("a server ends with the process that started it, even if that is killed", async () => {
  const program = "require(process.argv[1]).startServer().then(({ apiUrl }) => console.log(apiUrl))";
  const starter = spawn(process.execPath, [
    "-e",
    program,
    require.resolve("daily-telephony-simulator").replace("index", "server"),
  ]);
  const [url] = await once(starter.stdout.setEncoding("utf8"), "data");
  const address = `${url.trim().replace("/v1", "/_sim")}/clock`;
  await fetchJson("GET", address);
  starter.kill("SIGKILL");
  await until(() => expect(fetchJson("GET", address)).rejects.toThrow(/no fake Daily answers/));
});

test.each([
  ["", "no window, no document, no navigator"],
  ["window = globalThis; document = {};", "no navigator"],
])("an environment without a DOM is refused: %s", (given, missing) => {
  const setup = require.resolve("daily-telephony-simulator/setup");
  // Newer versions of Node have a navigator.
  const program = `delete globalThis.navigator; ${given} require(${JSON.stringify(setup)})`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
  expect(stderr).toContain(`daily-js needs a DOM, and there is ${missing}: choose the test environment jsdom`);
  expect(status).toBe(1);
});

test("a wait that fails reports the nearest event and all events so far", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);

  const failure = await expectEvent(call, "dialout-connected", { destination: "+1" }, { within: 30 }).catch(
    (error) => error.message,
  );
  expect(failure.split("\n")).toEqual([
    'Expected  dialout-connected  {"destination":"+1"}  within 0.03 s',
    expect.stringMatching(
      new RegExp(`^Nearest {3}\\+\\d.\\d{3} dialout-connected {2}destination is "\\${phone.number}"$`),
    ),
    expect.stringMatching(/^Happened .* joined-meeting · .* dialout-answered/),
  ]);
  const again = await expectEvent(call, "dialout-answered", session, { within: 30 }).catch((error) => error.message);
  expect(again).toMatch(/Nearest .* returned before/);
});

test("a wait for an answer of a busy phone names the error as the reason", async () => {
  const phone = await daily.phone(newNumber(), { calls: ["busy"] });
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-error");
  const failure = await expectEvent(call, "dialout-answered", {}, { within: 30 }).catch((error) => error.message);
  const busy = "DialOut failed with error: 486 Busy Here";
  const lines = failure.split("\n");
  expect(lines[1]).toMatch(/^Nearest {3}\+\d.\d{3} dialout-error /);
  expect(lines[1]).toContain(session.sessionId);
  expect(lines[1]).toContain(busy);
  expect(lines[2]).toContain(`Because   dialout-error: ${busy}`);
  expect(lines[3]).toContain(`dialout-error (${busy}`);
});

test("a wait that fails gives the reason that the server knows", async () => {
  const failure = (call, name) => expectEvent(call, name, {}, { within: 30 }).catch((error) => error.message);
  const phone = await daily.phone(newNumber(), { calls: [{ ring_ms: 60_000, then: "answer" }] });
  const call = await join(room);
  await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-connected");
  expect(await failure(call, "dialout-answered")).toMatch(/\nBecause {3}the phone '\+\d+' rings for 60 s as planned/);

  const plain = await join(await daily.createRoom());
  expect(await failure(plain, "dialin-ready")).toMatch(/\nBecause {3}room \S+ has 0 SIP endpoints; give it the property/);
});

test("a wait that fails after the server has ended says that none answers", async () => {
  const { DAILY_API_URL } = process.env;
  process.env.DAILY_API_URL = "http://127.0.0.1:9/v1";
  try {
    const failure = await expectEvent(newCall(), "dialout-answered", {}, { within: 1 }).catch((error) => error.message);
    expect(failure).toMatch(/\nBecause {3}no fake Daily answers at http:\/\/127\.0\.0\.1:9 /);
  } finally {
    process.env.DAILY_API_URL = DAILY_API_URL;
  }
});

test("a failed wait of a phone shows what has happened as scenario reports do", async () => {
  const phone = await daily.phone(newNumber(), { calls: ["busy"] });
  await (await daily.phone(newNumber())).dial(phone.number);
  await phone.call();
  const failure = await phone.call({ within: 50 }).catch((error) => error.message);
  expect(failure).toMatch(new RegExp(`Happened\n[^]* phone {4}\\+\\d+ dials \\${phone.number}`));
  expect(failure).not.toMatch(/action=|\{'/);
});

test("expected fields are values, patterns or functions, and a function that throws is reported", async () => {
  const [call, other] = [await join(room), await join(room)];
  const came = new Promise((resolve) => call.once("app-message", resolve));
  other.sendAppMessage({ text: "hello", list: [1, 2] });
  await came;
  const failing = { data: ({ missing }) => missing.field };
  const failure = await expectEvent(call, "app-message", failing, { within: 30 }).catch((error) => error.message);
  expect(failure).toMatch(/TypeError/);
  await expectEvent(call, "app-message", {
    data: { text: "hello", list: [1, 2] },
    fromId: new RegExp(sessionIdOf(other)),
  });
});

test("a failure shows patterns with their flags, even from another realm", async () => {
  const where = { errorMsg: /busy/i, data: runInNewContext("/anna/gi") };
  const wait = expectEvent(newCall(), "dialout-error", where, { within: 1 });
  await expect(wait).rejects.toThrow('Expected  dialout-error  {"errorMsg":"/busy/i","data":"/anna/gi"}');
  const body = { events: "error", where: { errorMsg: "/anna/i" }, within_ms: 1 };
  await expect(daily.control("POST", `/rooms/${room.name}/events/wait`, body)).rejects.toThrow("{errorMsg: /anna/i}");
});

test("a global pattern matches each time", async () => {
  const [call, other] = [await join(room), await join(room)];
  const words = /hello/g;
  for (const text of ["hello", "hello"]) {
    other.sendAppMessage(text);
    await expectEvent(call, "app-message", { data: words });
  }
});

test("a misspelt event is refused at once", () => {
  expect(() => expectEvent(newCall(), "dialout-anwsered")).toThrow('did you mean "dialout-answered"?');
});

test("a misspelt option is refused at once", async () => {
  expect(() => expectEvent(newCall(), "left-meeting", {}, { witin: 300 })).toThrow(
    new TypeError('expectEvent has no option "witin"; did you mean "within"?'),
  );
  expect(() => expectEvent(newCall(), "left-meeting", {}, 300)).toThrow(
    new TypeError("expectEvent: options must be an object with within, not 300"),
  );
  await expect(startDaily({ pyhton: "python3" })).rejects.toThrow(
    new TypeError('startDaily has no option "pyhton"; did you mean "python"?'),
  );

  const caller = await daily.phone(newNumber());
  const called = await daily.phone(newNumber(), { calls: ["answer"] });
  const there = await caller.dial(called.number);
  const misspelt = {
    call: () => caller.call({ witin: 1 }),
    dial: () => caller.dial(called.number, { header: {} }),
    press: () => there.press("1", { metod: "sip-info" }),
    hum: () => there.hum(400, { second: 1 }),
    expectAnswer: () => there.expectAnswer({ witin: 1 }),
    expectEnd: () => there.expectEnd({ witin: 1 }),
    expectDigits: () => there.expectDigits("1", { witin: 1 }),
    expectTone: () => there.expectTone(400, { witin: 1 }),
    expectTones: () => there.expectTones([400], { witin: 1 }),
    expectSilence: () => there.expectSilence(1, { witin: 1 }),
    expectSpeech: () => there.expectSpeech({ witin: 1 }),
  };
  for (const [verb, act] of Object.entries(misspelt)) {
    await expect(act()).rejects.toThrow(new RegExp(`^${verb} has no option "\\w+"; did you mean "\\w+"\\?$`));
  }
  await there.hangUp();
});

test("the server refuses misspelt fields", async () => {
  await expect(daily.phone(newNumber(), { cals: ["busy"] })).rejects.toThrow("did you mean 'calls'?");
  await expect(daily.refuse(newNumber(), { stauts: 503 })).rejects.toThrow("did you mean 'status'?");
});

test("a number that a phone of another test file has is refused with the way out", async () => {
  const number = newNumber();
  const first = await daily.phone(number);
  await expect(daily.phone(number)).rejects.toThrow(/has this one: remove it, or reset\(\) first/);
  await first.remove();
  expect((await daily.phone(number)).number).toBe(number);
});

test("waiting for dtmf-event fails on a version of daily-js that does not emit it", async () => {
  const call = newCall();
  const version = vi.spyOn(call.constructor, "version");
  for (const old of ["0.87.0", "0.88.9", "0.9.1"]) {
    version.mockReturnValue(old);
    expect(() => expectEvent(call, "dtmf-event")).toThrow(`daily-js ${old} does not emit "dtmf-event"`);
    await expect(expectEvent(call, "app-message", {}, { within: 1 })).rejects.toThrow("Happened  nothing");
  }
  for (const fit of ["0.89.0", "0.92.2", "0.100.0", "1.0.0"]) {
    version.mockReturnValue(fit);
    await expect(expectEvent(call, "dtmf-event", {}, { within: 1 })).rejects.toThrow("Happened  nothing");
  }
  version.mockRestore();
});

test("event names are those of daily-js's types", () => {
  const types = readFileSync(path.join(path.dirname(require.resolve("@daily-co/daily-js")), "../index.d.ts"), "utf8");
  const union = /export type DailyEvent =(.*?);/s.exec(types)[1].match(/[\w-]+/g);
  const { EVENT_NAMES } = require("../node_modules/daily-telephony-simulator/event_names.cjs");
  expect(new Set(EVENT_NAMES)).toEqual(new Set([...union, "dtmf-event"]));
});

test("a value that is no call object is refused", () => {
  expect(() => expectEvent({}, "left-meeting")).toThrow("expected a call object of daily-js");
});

test("a phone that is not called causes a failure", async () => {
  const phone = await daily.phone(newNumber());
  const failure = await phone.call({ within: 50 }).catch((error) => error);
  expect(failure).toBeInstanceOf(ExpectationFailed);
  expect(failure.name).toBe("ExpectationFailed");
  expect(failure.message).toMatch(/Expected.* is called[^]*Because/);
});

test("different digits cause a failure", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  const { session } = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", session);
  const there = await phone.call();
  await call.sendDTMF({ ...session, tones: "1", digitDurationMs: 50 });
  await expect(there.expectDigits("2", { within: 400 })).rejects.toThrow(/Expected.*2/);
});

test("refusals of the server become DailyHttpError with its text", async () => {
  const refused = await daily.createRoom({ max_participants: "many" }).catch((error) => error);
  expect(refused).toBeInstanceOf(DailyHttpError);
  expect(refused).toMatchObject({ status: 400, body: { error: "invalid-request-error" } });
  expect(refused.message).toMatch(/max_participants/);
});

test("the carrier refuses a number until it is restored", async () => {
  const phone = await daily.phone(newNumber());
  const call = await join(room);
  await daily.refuse(phone.number, { status: 503 });
  const first = await call.startDialOut({ phoneNumber: phone.number });
  expect(await expectEvent(call, "dialout-error", first.session)).toMatchObject({
    errorMsg: expect.stringMatching(/503/),
  });
  await daily.restore(phone.number);
  const second = await call.startDialOut({ phoneNumber: phone.number });
  await expectEvent(call, "dialout-answered", second.session);
});
