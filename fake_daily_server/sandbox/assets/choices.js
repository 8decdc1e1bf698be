"use strict";

// Shows the fields that belong to what is chosen in a form, and hides and disables those of all other choices.
document.addEventListener("change", ({ target }) => {
  if (target.dataset.chooses === undefined) return;
  for (const choice of document.querySelectorAll(`[data-choice-of="${CSS.escape(target.id)}"]`)) {
    choice.hidden = choice.disabled = choice.dataset.choice !== target.value;
  }
});
