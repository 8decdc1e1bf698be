"use strict";

// Shows the rows of the ladder, as sandbox.js gets them from the server.
globalThis.sandboxLadder = (() => {
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows");
  const hidden = new Set();
  const waiting = [];
  const times = new Map();

  const isAtEnd = () => rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 40;

  const elementOf = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  };

  const insert = ({ id, at, html }) => {
    const element = elementOf(html);
    element.hidden = hidden.has(element.dataset.kind);
    const old = byId(id);
    if (old) {
      element.open = old.open;
      old.replaceWith(element);
    } else {
      let before = rows.lastElementChild;
      while (before.id && times.get(before.id) > at) before = before.previousElementSibling;
      before.after(element);
    }
    times.set(id, at);
    addKind(element.dataset.kind);
  };

  const changeLadder = (change) => {
    const follow = isAtEnd();
    if (change.head !== null) {
      rows.querySelector(".head").innerHTML = `<span class="times"></span>${change.head}`;
      for (const row of rows.querySelectorAll(".row")) row.remove();
      times.clear();
    }
    for (const id of change.gone) {
      byId(id)?.remove();
      times.delete(id);
    }
    for (const row of change.rows) insert(row);
    if (follow) rows.scrollTop = rows.scrollHeight;
  };

  const show = (change) => (byId("paused").checked ? waiting.push(change) : changeLadder(change));

  byId("paused").addEventListener("change", () => {
    if (!byId("paused").checked) for (const change of waiting.splice(0)) changeLadder(change);
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
      for (const row of rows.querySelectorAll(".row")) row.hidden = hidden.has(row.dataset.kind);
    });
    label.append(box, ` ${kind} `);
    byId("kinds").append(label);
  };

  return { show };
})();
