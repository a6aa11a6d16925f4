/**
 * The look: the shop's own font and colours, a thin frame, nothing that shouts.
 *
 * Everything derives from `currentColor`, so a dark shop needs no switch. "Optional" and the price
 * share one part, so that a theme cannot make one of them smaller than the other.
 */
export const STYLES = `
:host { display: block; text-align: start; }
:host([hidden]), [hidden] { display: none !important; }
.card {
  --line: var(--order-protection-border, color-mix(in srgb, currentColor 30%, transparent));
  --gap: .75em;
  --box: 1.25em;
  position: relative;
  box-sizing: border-box;
  min-height: inherit;
  padding: var(--order-protection-padding, .5em 1em .875em);
  border: 1px solid var(--line);
  border-radius: var(--order-protection-radius, .5em);
  background: var(--order-protection-background, transparent);
  color: var(--order-protection-color, inherit);
  line-height: 1.4;
  overflow-wrap: anywhere;
}
.card.accepted { --line: var(--order-protection-accent, currentColor); }
label {
  display: flex;
  gap: var(--gap);
  align-items: center;
  min-height: 2.75em;
  cursor: pointer;
}
input {
  flex: none;
  font: inherit;
  width: var(--box);
  height: var(--box);
  margin: 0;
  accent-color: var(--order-protection-accent, auto);
  cursor: inherit;
}
input:focus-visible {
  outline: 2px solid var(--order-protection-focus, currentColor);
  outline-offset: 2px;
}
.head {
  display: flex;
  flex: 1;
  flex-wrap: wrap;
  gap: 0 1em;
  justify-content: space-between;
  min-width: 0;
}
.title { font-weight: 600; }
.below {
  display: grid;
  padding-inline-start: calc(var(--box) + var(--gap));
}
.description, .longest { grid-area: 1 / 1; }
.longest, .gone { visibility: hidden; }
.loading .below { min-height: 1.4em; }
.notice {
  margin-top: .5em;
  padding-inline-start: .75em;
  border-inline-start: 3px solid var(--order-protection-accent, currentColor);
}
.loading label { cursor: progress; }
.loading .price, .loading .description {
  display: inline-block;
  border-radius: .25em;
  background: color-mix(in srgb, currentColor 12%, transparent);
}
.loading .price { width: 4em; height: 1em; vertical-align: -.1em; }
.loading .description { width: 75%; height: 1em; vertical-align: -.1em; }
.first > * { visibility: hidden; }
.first::before, .first::after {
  content: "";
  position: absolute;
  inset-inline-start: 1em;
  top: 1.25em;
  width: 40%;
  height: 1em;
  border-radius: .25em;
  background: color-mix(in srgb, currentColor 12%, transparent);
}
.first::after { top: auto; bottom: 1em; width: 65%; }
.gone::before, .gone::after { content: none; }
.quiet {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
/* On a phone the price has a line of its own, so that a longer one moves nothing. */
@media (max-width: 26em) { .head { display: grid; } }
@media (forced-colors: active) {
  .loading .price, .loading .description, .first::before, .first::after { background: GrayText; }
}
@media (prefers-reduced-motion: no-preference) {
  .card { transition: border-color .15s; }
  .loading .price, .loading .description, .first::before, .first::after { animation: wait 1s .15s infinite alternate; }
  @keyframes wait { to { opacity: .4; } }
}
`;
