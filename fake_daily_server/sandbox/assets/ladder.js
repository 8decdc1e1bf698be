"use strict";

// Shows the rows of the ladder, as sandbox.js gets them from the server, and asks for others: of some kinds, with a
// text in them, older ones. One row is the current one: it is reached by Tab, and the arrow keys go to others.
globalThis.sandboxLadder = (() => {
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows");
  const hidden = new Set();
  const opened = new Set();
  const times = new Map();
  let text = "";
  let until = null;
  let current = null;
  let visited = false; // until then, the newest row is the current one
  let awaited = null;

  const lines = () => [...rows.querySelectorAll(".line")];
  const part = (line, checkbox) => line.querySelector(checkbox ? ".pick" : "summary");

  // --- the question to the server ---

  const query = () => {
    const given = new URLSearchParams([...hidden].map((kind) => ["hide", kind]));
    if (text) given.set("text", text);
    if (until !== null) given.set("until", until);
    return given.size ? `?${given}` : "";
  };

  const ask = () => document.dispatchEvent(new Event("ladder:query"));

  const showUntil = (seq) => {
    until = seq;
    byId("latest").hidden = seq === null;
    ask();
  };

  let typing;
  byId("filter").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      text = byId("filter").value.trim();
      ask();
    }, 250);
  });
  byId("older").addEventListener("click", () => showUntil(Math.max(0, Number(lines()[0]?.dataset.seq ?? 1) - 1)));
  byId("latest").addEventListener("click", () => showUntil(null));
  byId("paused").addEventListener("change", () => {
    if (!byId("paused").checked) ask();
  });

  const addKind = (kind) => {
    if (byId(`kind-${kind}`)) return;
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = `kind-${kind}`;
    box.checked = true;
    box.addEventListener("change", () => {
      hidden[box.checked ? "delete" : "add"](kind);
      ask();
    });
    label.append(box, ` ${kind} `);
    byId("kinds").append(label);
  };

  // --- the rows ---

  const isAtEnd = () => rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 40;

  const elementsOf = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  const makeCurrent = (line) => {
    if (current === line) return;
    if (current) for (const each of [true, false]) part(current, each).tabIndex = -1;
    current = line;
    if (line) for (const each of [true, false]) part(line, each).tabIndex = 0;
  };

  const prepare = (line, at) => {
    for (const each of [true, false]) part(line, each).tabIndex = -1;
    part(line, true).checked = sandboxSelection.has(line.id);
    if (opened.has(line.id)) line.querySelector("details").open = true;
    times.set(line.id, at);
    addKind(line.dataset.kind);
  };

  // The row of this id that is there already; after a new start of the server, its ids are those of other records.
  const known = (id, at) => {
    if (times.has(id) && times.get(id) !== at) {
      opened.delete(id);
      sandboxSelection.forget(id);
      remove(id);
    }
    return byId(id);
  };

  const redraw = (old, line) => {
    for (const name of ["call", "seq"]) old.dataset[name] = line.dataset[name];
    const [shown, drawn] = [part(old, false), part(line, false)];
    shown.title = drawn.title;
    shown.replaceChildren(...drawn.childNodes);
  };

  const insert = ({ id, at, html }) => {
    const line = elementsOf(html).firstElementChild;
    const old = known(id, at);
    if (old) {
      redraw(old, line);
    } else {
      let before = rows.lastElementChild;
      while (before.id && times.get(before.id) > at) before = before.previousElementSibling;
      before.after(line);
      prepare(line, at);
    }
    times.set(id, at);
  };

  // Rows that the page has already stay where they are, and with them the focus and what was opened.
  const insertAll = (all) => {
    const wanted = new Set(all.map((row) => row.id));
    for (const line of lines()) if (!wanted.has(line.id)) remove(line.id);
    const drawn = [...elementsOf(all.map((row) => row.html).join("")).children];
    let before = rows.querySelector(".head");
    drawn.forEach((line, index) => {
      const old = known(line.id, all[index].at);
      if (old) redraw(old, line);
      else {
        before.after(line);
        prepare(line, all[index].at);
      }
      before = old ?? line;
    });
  };

  const remove = (id) => {
    const line = byId(id);
    times.delete(id);
    if (!line) return;
    if (line === current) {
      const next = line.nextElementSibling ?? line.previousElementSibling;
      const focused = line.contains(document.activeElement);
      makeCurrent(next?.matches(".line") ? next : null);
      if (focused && current) part(current, false).focus({ preventScroll: true });
    }
    line.remove();
  };

  const show = (change) => {
    if (byId("paused").checked) return; // whoever goes on asks anew
    sandboxSelection.keep(...change.kept);
    const follow = isAtEnd() && !rows.contains(document.activeElement);
    if (change.head !== null) {
      rows.querySelector(".head").innerHTML = `<span class="times"></span>${change.head}`;
      insertAll(change.rows);
    } else {
      for (const each of change.gone) remove(each);
      for (const row of change.rows) insert(row);
    }
    byId("older").hidden = !change.older;
    if (!current || !visited) makeCurrent(lines().at(-1) ?? null);
    if (awaited && byId(awaited)) goTo(byId(awaited));
    else if (follow) rows.scrollTop = rows.scrollHeight;
  };

  // --- one row ---

  rows.addEventListener(
    "toggle",
    async (event) => {
      const details = event.target;
      if (!details.matches(".row")) return;
      const { id } = details.parentElement;
      opened[details.open ? "add" : "delete"](id);
      if (!details.open || details.children.length > 1) return;
      const answer = await fetch(`/_sim/sandbox/rows/${id}`);
      if (details.children.length === 1) details.append(elementsOf(answer.ok ? await answer.text() : "<p>It is not kept any more.</p>"));
    },
    true,
  );

  const goTo = (line, checkbox = false) => {
    awaited = null;
    makeCurrent(line);
    part(line, checkbox).focus();
    line.scrollIntoView({ block: "nearest" });
  };

  rows.addEventListener("focusin", (event) => {
    const line = event.target.closest(".line");
    if (!line) return;
    visited = true;
    makeCurrent(line);
  });

  rows.addEventListener("keydown", (event) => {
    const line = event.target.closest(".line");
    if (!line || !event.target.matches(".pick, summary") || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = lines();
    const index = all.indexOf(line);
    const wanted = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: all.length - 1 }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const next = all[wanted];
    if (!next) return;
    goTo(next, event.target.matches(".pick"));
    if (event.shiftKey) sandboxSelection.extend(line, next);
  });

  // --- marks ---

  const jump = async (step) => {
    const { records } = await (await fetch("/_sim/timeline?kind=mark")).json();
    const here = Number(current?.dataset.seq ?? 0);
    const seqs = records.map((record) => record.seq);
    const seq = step > 0 ? seqs.find((each) => each > here) : seqs.findLast((each) => each < here);
    byId("said").textContent = seq === undefined ? `no ${step > 0 ? "later" : "earlier"} mark` : "";
    if (seq === undefined) return;
    const line = byId(`r${seq}`);
    if (line) return goTo(line);
    awaited = `r${seq}`;
    showUntil(seq);
  };
  byId("previous-mark").addEventListener("click", () => jump(-1));
  byId("next-mark").addEventListener("click", () => jump(1));

  return { show, query, lines };
})();
