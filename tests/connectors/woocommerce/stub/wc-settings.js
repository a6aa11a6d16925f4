// The stub's `wc-settings`: what PHP put into the page.
window.wc = window.wc || {};
window.wc.wcSettings = { getSetting: (name, fallback) => window.wc.stub?.settings[name] ?? fallback };
