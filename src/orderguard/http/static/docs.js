'use strict';
// Comforts for readers with scripts: the page works without them.

// One choice of language for all examples, and for the next page.
const KEPT = 'orderguard-docs-language';
const radios = [...document.querySelectorAll('.samples input')];
const choose = (language) => {
  for (const radio of radios) if (radio.value === language) radio.checked = true;
};
try {
  choose(localStorage.getItem(KEPT));
} catch {
  // A browser that stores nothing shows the first language.
}
for (const radio of radios) {
  radio.addEventListener('change', () => {
    const before = radio.getBoundingClientRect().top;
    choose(radio.value);
    scrollBy({ top: radio.getBoundingClientRect().top - before, behavior: 'instant' });
    try {
      localStorage.setItem(KEPT, radio.value);
    } catch {
      // The same.
    }
  });
}

// Copying needs https, or this machine.
if (navigator.clipboard) {
  for (const example of document.querySelectorAll('.samples, figure')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-live', 'polite');
    button.addEventListener('click', async () => {
      const shown = [...example.querySelectorAll('pre')].find((pre) => pre.offsetParent);
      await navigator.clipboard.writeText(shown.textContent);
      button.textContent = 'Copied';
      setTimeout(() => (button.textContent = 'Copy'), 2000);
    });
    example.append(button);
  }
}
