"use strict";

// Sends requests of the REST log again: as they were, or edited. They are requests of this page to the same routes.
(() => {
  const byId = (id) => document.getElementById(id);

  const partsOf = (entry) => ({
    method: entry.dataset.method,
    path: entry.dataset.path,
    body: entry.querySelector(".sent")?.textContent,
  });

  // Browsers send no body with these.
  const send = ({ method, path, body }) =>
    globalThis.sandbox.request(method, path, ["GET", "HEAD"].includes(method) || !body ? undefined : body);

  const indented = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text; // it was not JSON, and is edited as it was
    }
  };

  const edit = ({ method, path, body }) => {
    byId("rest-editor-box").open = true;
    byId("rest-method").value = method;
    byId("rest-path").value = path;
    byId("rest-body").value = body ? indented(body) : "";
    byId("rest-body").focus();
  };

  const copy = async (button, { method, path, body }) => {
    await navigator.clipboard.writeText(globalThis.sandbox.curl(method, path, body));
    const label = button.textContent;
    button.textContent = "copied";
    setTimeout(() => (button.textContent = label), 1000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-rest]");
    if (!button) return;
    const parts = partsOf(button.closest("[data-path]"));
    if (button.dataset.rest === "replay") send(parts);
    if (button.dataset.rest === "edit") edit(parts);
    if (button.dataset.rest === "copy") copy(button, parts);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "rest-editor") return;
    event.preventDefault();
    send({ method: byId("rest-method").value, path: byId("rest-path").value, body: byId("rest-body").value.trim() });
  });
})();
