// Shows the problems found by a check beside their controls. Without scripts the page does it.
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

// When a check fails, or the visitor is signed out meanwhile, the typed values stay.
function tell(text) {
  document.getElementById("check-words").textContent = text;
}

if (form && findings) {
  form.addEventListener("input", () => {
    document.getElementById("unsaved").hidden = false;
  });
  findings.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 200 && !xhr.responseURL.endsWith("/check")) {
      event.detail.shouldSwap = false;
      tell("You are signed out. Sign in again in another tab, then go on here.");
    }
  });
  findings.addEventListener("htmx:afterSwap", show);
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failure, () => {
      tell("This cannot be checked just now. What you typed is still here.");
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#f-"]');
    if (link) unfold(link.hash);
  });
}
