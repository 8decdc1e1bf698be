"use strict";

// Adds filters by kind and by call, and the comparison of two rows. The page says everything without this script.
(() => {
  const rows = [...document.querySelectorAll(".row")];
  const table = document.getElementById("rows");
  if (!table) return;

  const hidden = { kind: new Set(), call: new Set() };
  const onlySdp = document.createElement("input");
  const tools = document.createElement("div");
  tools.id = "tools";
  table.before(tools);

  const show = () => {
    table.classList.toggle("only-sdp", onlySdp.checked);
    for (const row of rows) {
      const left = onlySdp.checked && !row.querySelector(".sdp");
      row.hidden = left || hidden.kind.has(row.dataset.kind) || hidden.call.has(row.dataset.call);
    }
  };

  const addFilter = (field, value, text) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      hidden[field][box.checked ? "delete" : "add"](value);
      show();
    });
    label.append(box, ` ${text}`);
    tools.append(label);
  };

  const values = (field) => [...new Set(rows.map((row) => row.dataset[field]))].filter(Boolean);
  for (const kind of values("kind")) addFilter("kind", kind, kind);
  const calls = values("call");
  if (calls.length > 1) for (const call of calls) addFilter("call", call, `call ${call}`);

  if (document.querySelector(".sdp")) {
    const label = document.createElement("label");
    onlySdp.type = "checkbox";
    onlySdp.addEventListener("change", () => {
      show();
      if (onlySdp.checked) for (const row of rows) if (!row.hidden) row.open = true;
    });
    label.append(onlySdp, " only SDP");
    tools.append(label);
  }

  const compared = document.createElement("div");
  compared.id = "compared";
  table.before(compared);
  let chosen = [];

  const textOf = (row) =>
    [...row.querySelectorAll("pre")].flatMap((part) => part.textContent.split(/\r?\n/));
  const column = (row, others) => {
    const pre = document.createElement("pre");
    for (const line of textOf(row)) {
      const part = document.createElement(others.has(line) ? "span" : "mark");
      part.textContent = line;
      pre.append(part, "\n");
    }
    return pre;
  };

  const compare = () => {
    compared.replaceChildren();
    if (chosen.length !== 2) return;
    const [first, second] = chosen;
    compared.append(column(first, new Set(textOf(second))), column(second, new Set(textOf(first))));
    compared.scrollIntoView({ block: "nearest" });
  };

  for (const row of rows) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "compare";
    button.addEventListener("click", () => {
      chosen = chosen.includes(row) ? chosen.filter((each) => each !== row) : [...chosen, row].slice(-2);
      for (const each of rows) each.querySelector("button").setAttribute("aria-pressed", String(chosen.includes(each)));
      compare();
    });
    row.querySelector("p").append(" ", button);
  }

  for (const text of document.querySelectorAll("pre.copied")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", () => {
      getSelection().selectAllChildren(text);
      document.execCommand("copy"); // the Clipboard API needs a secure context, which a page of a CI server may not be
    });
    text.before(button);
  }

  const open = () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row instanceof HTMLDetailsElement) row.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
