"use strict";

// The form of events by hand: shows the fields of the chosen event, and sends them as they were edited.
(() => {
  const byId = (id) => document.getElementById(id);
  const key = document.querySelector("meta[name=api-key]").content;

  const showSample = async () => {
    const event = byId("trigger-event").value;
    if (!event) return;
    const query = new URLSearchParams({ event });
    if (byId("trigger-room").value) query.set("room", byId("trigger-room").value);
    const answer = await fetch(`/_sim/trigger?${query}`, { headers: { Authorization: `Bearer ${key}` } });
    const told = await answer.json();
    byId("trigger-fields").value = answer.ok ? JSON.stringify(told.events[0].fields, null, 2) : told.info;
  };

  document.addEventListener("change", (event) => {
    if (event.target.closest("#trigger-event, #trigger-room")) showSample();
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "trigger-fields") event.target.setCustomValidity("");
  });

  const fields = () => {
    try {
      return JSON.parse(byId("trigger-fields").value || "{}");
    } catch (error) {
      byId("trigger-fields").setCustomValidity(`This is not JSON: ${error.message}`);
      byId("trigger-fields").reportValidity();
      return undefined;
    }
  };

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "trigger") return;
    event.preventDefault();
    const given = fields();
    if (given === undefined) return;
    const body = { event: byId("trigger-event").value, fields: given };
    if (byId("trigger-room").value) body.room = byId("trigger-room").value;
    globalThis.sandbox.request("POST", "/_sim/trigger", body);
  });
})();
