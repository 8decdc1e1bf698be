"use strict";
/** A fake Daily in a separate process, which ends with this process. */

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const START_WITHIN_MS = 30_000;

/**
 * Find a Python that has the simulator installed: DAILY_SIM_PYTHON, otherwise the Python of the active virtual
 * environment, of the environment whose site-packages contain this folder, of the `.venv` of a clone, or of the `.venv`
 * in the current directory, otherwise `python3`.
 *
 * @returns {string}
 */
function findPython() {
  const root = path.resolve(__dirname, "../../..");
  const candidates = [process.env.VIRTUAL_ENV, path.resolve(root, "../../.."), path.join(root, ".venv"), ".venv"];
  const environments = candidates.filter((folder) => folder !== undefined);
  const pythons = environments.map((folder) => path.join(folder, "bin/python"));
  return process.env.DAILY_SIM_PYTHON ?? pythons.find((python) => existsSync(python)) ?? "python3";
}

/**
 * @typedef {object} RunningServer
 * @property {string} apiUrl
 * @property {string} apiKey
 * @property {string} sip
 * @property {() => Promise<void>} stop
 */

/**
 * Start `python -m fake_daily_server` on free ports and wait until it is ready.
 *
 * @param {{python?: string, args?: string[], settings?: {[name: string]: any}}} [options] `args` are further options of
 *   that command
 * @returns {Promise<RunningServer>}
 */
async function startServer({ python = findPython(), args = [], settings = {} } = {}) {
  const ports = ["--port", "0", "--sip-port", "0"];
  const chosen = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${asYaml(value)}`]);
  const command = ["-m", "fake_daily_server", ...ports, "--end-with", `${process.pid}`, ...chosen, ...args];
  const server = spawn(python, command, { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  server.stderr.setEncoding("utf8");
  server.stderr.on("data", (text) => (errors = (errors + text).slice(-4000)));
  const kill = () => server.kill();
  process.once("exit", kill); // the server would notice the end of this process only later
  const ended = new Promise((resolve) => server.once("close", resolve));

  const stop = async () => {
    process.removeListener("exit", kill);
    server.kill();
    await ended;
  };

  try {
    const { api_url: apiUrl, api_key: apiKey, sip } = await firstLine(server);
    return { apiUrl, apiKey, sip, stop };
  } catch (error) {
    void stop();
    const reason = /** @type {Error} */ (error).message;
    const hint =
      "activate the virtual environment that has daily-telephony-simulator, or name its Python: DAILY_SIM_PYTHON";
    throw new Error(`${python} ${command.join(" ")} ${reason}\n${errors}\n${hint}`);
  }
}

/**
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, any>} server
 * @returns {Promise<any>} the server's first line, parsed as JSON; rejects if the server ends first, or is too slow
 */
function firstLine(server) {
  return new Promise((resolve, reject) => {
    /** @param {string} reason */
    const fail = (reason) => {
      clearTimeout(timer);
      reject(new Error(reason));
    };
    const timer = setTimeout(() => fail(`was not ready within ${START_WITHIN_MS} ms`), START_WITHIN_MS);
    server.once("error", (error) => fail(`could not be started: ${error.message}`));
    server.once("close", (status) => fail(`ended with status ${status} before it was ready`));
    readline.createInterface({ input: server.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line));
      } catch {
        fail(`printed ${JSON.stringify(line)} before it was ready`);
      }
    });
  });
}

/**
 * JSON, in which a text is marked with `=` as in scenario files, so that "true" is not read as true.
 *
 * @param {unknown} value
 */
function asYaml(value) {
  return JSON.stringify(value, (_, part) => (typeof part === "string" ? `=${part}` : part));
}

module.exports = { startServer };
