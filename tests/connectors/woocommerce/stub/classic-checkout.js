// The stub's classic checkout: a change in the order's table sends the form, and the answer's fragments are put in.
(() => {
  const form = document.querySelector('form.checkout');
  if (!form) return;
  const send = async (call, more = {}) => {
    const fields = new URLSearchParams(new FormData(form));
    const body = Object.keys(more).length ? new URLSearchParams({ ...more, post_data: fields.toString() }) : fields;
    return (await fetch(`/?wc-ajax=${call}`, { method: 'POST', body })).json();
  };
  const update = async () => {
    const { fragments } = await send('update_order_review', { security: window.wc_checkout_params.update_order_review_nonce });
    for (const [place, markup] of Object.entries(fragments)) {
      document.querySelector(place)?.replaceWith(document.createRange().createContextualFragment(markup));
    }
  };
  form.addEventListener('change', ({ target }) => target.closest('.update_totals_on_change') && update());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = await send('checkout');
    if (answer.result === 'success') location.assign(answer.redirect);
    else if (answer.refresh) update();
  });
  update();
})();
