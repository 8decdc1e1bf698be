"use strict";

// The rows that are selected, by a click, from one to another with Shift, or by keys; copied as a test of whole calls.
globalThis.sandboxSelection = (() => {
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows");
  const selected = new Map();
  let last = null;

  const has = (id) => selected.has(id);

  const tell = () => {
    byId("selected").textContent = `${selected.size} ${selected.size === 1 ? "row" : "rows"} selected`;
    for (const button of document.querySelectorAll("#selection button")) button.disabled = selected.size === 0;
  };

  const set = (line, wanted) => {
    const { seq, call } = line.dataset;
    if (wanted) selected.set(line.id, { isRecord: line.id[0] === "r", seq: Number(seq), call });
    else selected.delete(line.id);
    line.querySelector(".pick").checked = wanted;
  };

  const extend = (from, to) => {
    const all = sandboxLadder.lines();
    const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((one, other) => one - other);
    for (const line of all.slice(Math.max(0, first), end + 1)) set(line, true);
    last = to.id;
    tell();
  };

  rows.addEventListener("click", (event) => {
    if (!event.target.matches(".pick")) return;
    const line = event.target.closest(".line");
    const wanted = event.target.checked;
    if (event.shiftKey && last && byId(last)) extend(byId(last), line);
    else set(line, wanted);
    last = line.id;
    tell();
  });

  byId("select-none").addEventListener("click", () => {
    for (const line of sandboxLadder.lines()) line.querySelector(".pick").checked = false;
    selected.clear();
    tell();
    byId("selected").focus();
  });

  const copyAs = async (form) => {
    const given = new URLSearchParams([["as", form]]);
    for (const { isRecord, seq, call } of selected.values()) {
      if (isRecord) given.append("seq", seq);
      else if (call && !given.has("call", call)) given.append("call", call);
    }
    const answer = await fetch(`/_sim/story?${given}`);
    const text = await answer.text();
    if (!answer.ok) {
      byId("said").textContent = JSON.parse(text).info;
      return;
    }
    await navigator.clipboard.writeText(text);
    const widened = /^# (The selection had parts.*)$/m.exec(text);
    byId("said").textContent = `copied ${text.split("\n").length} lines. ${widened ? widened[1] : ""}`;
  };
  byId("copy-scenario").addEventListener("click", () => copyAs("scenario"));
  byId("copy-pytest").addEventListener("click", () => copyAs("pytest"));
  tell();
  const forget = (id) => {
    selected.delete(id);
    tell();
  };

  // Forgets rows of records that the server does not have, after it was reset or started again.
  const keep = (first, newest) => {
    for (const [id, { seq }] of selected) if (seq && (seq < first || seq > newest)) forget(id);
  };

  return { has, extend, forget, keep };
})();
