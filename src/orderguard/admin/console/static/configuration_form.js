// Brings what a check found to the controls that it is about. Without scripts the page does it.
const form = document.getElementById("configuration-form");
const findings = document.getElementById("check");

function controlsOf(name) {
  return [...document.getElementsByName(name)].filter((each) => each.type !== "hidden");
}

function clear() {
  for (const slot of form.querySelectorAll("p.problem:not([hidden])")) {
    slot.hidden = true;
    slot.textContent = "";
  }
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
  }
}

function show() {
  clear();
  for (const item of findings.querySelectorAll("[data-problem]")) {
    const name = item.dataset.problem;
    const slot = document.getElementById(`problem-${name}`);
    if (!slot) continue;
    slot.textContent = `${slot.textContent} ${item.lastElementChild.textContent}`.trim();
    slot.hidden = false;
    for (const control of controlsOf(name)) control.setAttribute("aria-invalid", "true");
  }
}

// A link to a control in a closed entry opens it.
function unfold(hash) {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  for (let each = target?.closest("details"); each; each = each.parentElement.closest("details")) {
    each.open = true;
  }
  if (target?.matches("input, select, textarea, summary, [tabindex]")) target.focus();
}

if (form && findings) {
  findings.addEventListener("htmx:afterSwap", show);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#f-"]');
    if (link) unfold(link.hash);
  });
}
