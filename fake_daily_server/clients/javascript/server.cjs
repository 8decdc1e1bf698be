"use strict";
/** A fake Daily as a process of its own, ended with the one that started it. */

const { spawn } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const START_WITHIN_MS = 30_000;

/**
 * The Python that has the simulator: the one asked for, that of an active virtual environment, the one that this
 * folder is installed in, a clone's own, or else `python3`.
 *
 * @returns {string}
 */
function findPython() {
  const folder = path.resolve(__dirname, "../../..");
  const environments = [process.env.VIRTUAL_ENV, path.resolve(folder, "../../.."), path.join(folder, ".venv")];
  const pythons = environments.filter((place) => place !== undefined).map((place) => path.join(place, "bin/python"));
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
 * @param {{python?: string, args?: string[]}} [options] `args` are further options of that command
 * @returns {Promise<RunningServer>}
 */
function startServer({ python = findPython(), args = [] } = {}) {
  const command = [
    "-m",
    "fake_daily_server",
    "--port",
    "0",
    "--sip-port",
    "0",
    "--end-with",
    `${process.pid}`,
    ...args,
  ];
  const server = spawn(python, command, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  server.stderr.setEncoding("utf8");
  server.stderr.on("data", (text) => (said = (said + text).slice(-4000)));
  const endWithMe = () => server.kill();
  process.once("exit", endWithMe); // earlier than the server would find out
  const ended = new Promise((resolve) => server.once("close", resolve));

  const stop = async () => {
    process.removeListener("exit", endWithMe);
    server.kill();
    await ended;
  };

  return new Promise((resolve, reject) => {
    /** @param {string} because */
    const failed = (because) => {
      clearTimeout(timer);
      void stop();
      const hint =
        "install it with pip install daily-telephony-simulator, or name a Python that has it: DAILY_SIM_PYTHON";
      reject(new Error(`${python} ${command.join(" ")} ${because}\n${said}\n${hint}`));
    };
    const timer = setTimeout(() => failed(`was not ready within ${START_WITHIN_MS} ms`), START_WITHIN_MS);
    server.once("error", (error) => failed(`could not be started: ${error.message}`));
    server.once("close", (status) => failed(`ended with status ${status} before it was ready`));
    readline.createInterface({ input: server.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        const { api_url: apiUrl, api_key: apiKey, sip } = JSON.parse(line);
        resolve({ apiUrl, apiKey, sip, stop });
      } catch {
        failed(`said ${JSON.stringify(line)} before it was ready`);
      }
    });
  });
}

module.exports = { findPython, startServer };
