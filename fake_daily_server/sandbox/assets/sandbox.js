"use strict";

// Shows what the server tells in server-sent events, and makes the requests of the forms.
(() => {
  const byId = (id) => document.getElementById(id);

  // --- the panels ---

  const showPanel = ({ id, html }) => {
    Idiomorph.morph(byId(id), html, { morphStyle: "innerHTML", callbacks: { beforeAttributeUpdated: keepsInput } });
  };

  // What a person has typed, chosen or opened stays when a panel changes.
  const keepsInput = (name, element) =>
    element.type === "hidden" ||
    !(["value", "checked", "selected"].includes(name) || (name === "open" && element instanceof HTMLDetailsElement));

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
  let updates = null;
  const connect = () => {
    updates?.close();
    updates = new EventSource(`/_sim/sandbox/updates${sandboxLadder.query()}`);
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
    updates.addEventListener("ladder", (event) => sandboxLadder.show(JSON.parse(event.data)));
  };
  document.addEventListener("ladder:query", connect);
  connect();
})();
