// A tick is sent at once, and the button for browsers without scripts goes away. The box works without this file.
for (const box of document.querySelectorAll("[data-orderguard]")) {
  const button = document.getElementById(box.dataset.orderguard);
  if (button && button.form && "requestSubmit" in button.form) {
    button.hidden = true;
    box.addEventListener("change", () => button.form.requestSubmit(button));
  }
}
