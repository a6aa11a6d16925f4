/** The Test button of the settings page. This file is the source: there is no build step. */
(() => {
  const button = document.getElementById('orderguard-test');
  const list = document.getElementById('orderguard-test-steps');
  const settings = window.orderguardSettings;
  if (!button || !list || !settings) return;

  const say = (steps) => {
    list.replaceChildren(
      ...steps.map(({ ok, text }) => {
        const item = document.createElement('li');
        item.className = ok ? 'orderguard-ok' : 'orderguard-wrong';
        item.textContent = `${ok ? '✓' : '✗'} ${text}`;
        return item;
      }),
    );
  };

  button.addEventListener('click', async () => {
    const form = new FormData();
    form.set('action', 'orderguard_test');
    form.set('nonce', settings.nonce);
    for (const name of ['url', 'cart_key', 'orders_key']) {
      form.set(name, document.getElementById(`woocommerce_orderguard_${name}`)?.value ?? '');
    }
    button.disabled = true;
    say([{ ok: true, text: settings.running }]);
    try {
      const response = await fetch(settings.address, { method: 'POST', body: form, credentials: 'same-origin' });
      const { success, data } = await response.json();
      if (!success) throw new Error('refused');
      say(data);
    } catch {
      say([{ ok: false, text: settings.failed }]);
    } finally {
      button.disabled = false;
    }
  });
})();
