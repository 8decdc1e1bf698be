"use strict";

// Shows what the server tells in server-sent events, and makes the requests of the forms.
(() => {
  const byId = (id) => document.getElementById(id);
  const rows = byId("rows");

  // --- the panels ---

  const showPanel = ({ id, html }) => {
    Idiomorph.morph(byId(id), html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: keepsInput } });
  };

  // What a person has typed, chosen or opened stays when a panel changes.
  const keepsInput = (name, element) =>
    element.type === "hidden" ||
    !(["value", "checked", "selected"].includes(name) || (name === "open" && element instanceof HTMLDetailsElement));

  // --- the ladder ---

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

  const showLadder = (change) => (byId("paused").checked ? waiting.push(change) : changeLadder(change));

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

  // --- the requests of the forms ---

  const key = document.querySelector("meta[name=api-key]").content;

  // What is no JSON is sent as it is: the server says what is wrong.
  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };

  const valueOf = (input) => {
    if (input.dataset.json === "boolean") return input.type === "checkbox" ? input.checked : input.value !== "";
    if (input.value.trim() === "") return undefined;
    if (input.dataset.json === "number") return Number(input.value);
    if (input.dataset.json === "scalar" && /^-?\d+(\.\d+)?$/.test(input.value)) return Number(input.value);
    if (input.dataset.json === "json") return parsed(input.value);
    if (input.dataset.json === "list") return input.value.trim().split(/\s+/);
    return input.value;
  };

  const bodyOf = (form) => {
    const body = {};
    for (const input of form.querySelectorAll("[name]:enabled")) {
      const value = valueOf(input);
      if (value === undefined) continue;
      const path = input.name.split(".");
      const last = path.pop();
      let inside = body;
      for (const name of path) inside = inside[name] ??= {};
      inside[last] = value;
    }
    return body;
  };

  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  // A text is a body as it is.
  const textOf = (body) => (typeof body === "string" ? body : JSON.stringify(body));

  const curl = (method, path, body) => {
    const parts = [`curl -X ${method} ${location.origin}${path}`];
    if (path.startsWith("/v1/")) parts.push(`-H ${quoted(`Authorization: Bearer ${key}`)}`);
    if (body) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(textOf(body))}`);
    return parts.join(" \\\n  ");
  };

  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  const note = (method, path, body) => {
    const item = document.createElement("li");
    const details = document.createElement("details");
    const summary = element("summary", `${method} ${path}`);
    const command = element("pre", curl(method, path, body));
    const copy = element("button", "copy as curl");
    copy.type = "button";
    copy.dataset.copy = command.textContent;
    details.append(summary, command, copy);
    item.append(details);
    byId("requests").prepend(item);
    while (byId("requests").children.length > 50) byId("requests").lastElementChild.remove();
    return (status, text) => {
      summary.textContent += ` → ${status}`;
      details.classList.toggle("refused", !(status < 400));
      details.open = !(status < 400);
      details.append(element("pre", text));
    };
  };

  const request = async (method, path, body) => {
    const answered = note(method, path, body);
    const headers = { Authorization: `Bearer ${key}` };
    if (body) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(path, { method, headers, body: body && textOf(body) });
      const text = await response.text();
      answered(response.status, text);
      return { ok: response.ok, text };
    } catch (error) {
      answered("no answer", String(error));
      return { ok: false, text: String(error) };
    }
  };

  globalThis.sandbox = { curl, request };

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-request]");
    if (!form) return;
    event.preventDefault();
    const [method, path] = form.dataset.request.split(" ");
    const body = bodyOf(form);
    request(method, path, method === "DELETE" || Object.keys(body).length === 0 ? undefined : body);
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = "copied";
    setTimeout(() => (button.textContent = label), 1000);
  });

  // --- the connection ---

  const connection = byId("connection");
  const updates = new EventSource("/_sim/sandbox/updates");
  updates.addEventListener("open", () => {
    connection.textContent = "live";
    connection.classList.remove("lost");
  });
  updates.addEventListener("error", () => {
    const refused = updates.readyState === EventSource.CLOSED;
    connection.textContent = refused ? "the server has a new token; open the address it says" : "connection lost; trying again";
    connection.classList.add("lost");
  });
  updates.addEventListener("panel", (event) => showPanel(JSON.parse(event.data)));
  updates.addEventListener("ladder", (event) => showLadder(JSON.parse(event.data)));
})();
