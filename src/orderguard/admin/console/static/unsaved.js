// Asks before a page with unsaved edits is left. Its own buttons submit the form, and need no question.
"use strict";
const editing = document.querySelector("[data-unsaved]");
if (editing) {
  let isUnsaved = editing.dataset.unsaved === "true";
  editing.addEventListener("input", () => {
    isUnsaved = true;
  });
  editing.addEventListener("submit", () => {
    isUnsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });
}
