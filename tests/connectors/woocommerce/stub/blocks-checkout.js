// The stub's `wc-blocks-checkout`: a cart store, `extensionCartUpdate`, and forced inner blocks drawn in their parents.
(() => {
  const { createReduxStore, register, dispatch } = window.wp.data;
  const { createElement, createRoot } = window.wp.element;
  const { cart, nonce, root } = window.wc.stub;

  register(
    createReduxStore('wc/store/cart', {
      reducer: (state = cart, action) => (action.type === 'SET' ? action.cart : state),
      actions: { receiveCart: (received) => ({ type: 'SET', cart: received }) },
      selectors: { getCartData: (state) => state },
    }),
  );

  const show = (received) => {
    dispatch('wc/store/cart').receiveCart(received);
    document.querySelector('.stub-total').textContent = received.totals.total_price;
  };

  const call = async (route, body) => {
    const response = await fetch(root + route, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Nonce: nonce },
      body: JSON.stringify(body),
    });
    const received = await response.json();
    if (!response.ok) throw received;
    return received;
  };

  window.wc.blocksCheckout = {
    extensionCartUpdate: async (body) => show(await call('cart/extensions', body)),
    registerCheckoutBlock: ({ metadata, component }) => {
      for (const parent of metadata.parent) {
        for (const place of document.querySelectorAll(`[data-block-name="${parent}"]`)) {
          const box = document.createElement('div');
          place.append(box);
          createRoot(box).render(createElement(component));
        }
      }
    },
  };

  document.querySelector('.stub-total').textContent = cart.totals.total_price;
  document.querySelector('.wc-block-components-checkout-place-order-button').addEventListener('click', async () => {
    const placed = await call('checkout', {
      payment_method: 'test_card',
      shipping_address: { country: 'US' },
    });
    document.querySelector('.stub-placed').textContent = placed.order_id;
  });
})();
