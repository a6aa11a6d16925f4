// Selects the line of a problem in the editor. Without scripts, the page shows its number.
"use strict";
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  const editor = document.getElementById("field-source");
  if (!link || !editor) return;
  event.preventDefault();
  const lines = editor.value.split("\n");
  const index = Number(link.dataset.line) - 1;
  const begin = lines.slice(0, index).join("\n").length + (index ? 1 : 0);
  editor.focus();
  editor.setSelectionRange(begin, begin + (lines[index] || "").length);
  editor.scrollTop = (editor.scrollHeight / lines.length) * Math.max(0, index - 5);
});
