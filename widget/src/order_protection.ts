/**
 * `<order-protection>`: the offer in a checkout. A face on `Storefront`; no rule lives here.
 *
 * Fires `protection-change` for clicks only, `protection-reset` when an acceptance ended without one,
 * `protection-offer` after every analysis and `protection-loading` before it. All carry `Protection`.
 */

import type { AnalysisRequest, WireCart } from './client.ts';
import { english, isRightToLeft, WORD_KEYS, wordsFor, type WordKey, type Words } from './copy.ts';
import { formatMoney } from './money.ts';
import type { CoverageMode, EligibleOffer, Terms } from './offer.ts';
import type { ReconfirmReason } from './offer_state.ts';
import { Storefront, type Occurrence, type Protection, type StorefrontOptions } from './storefront.ts';
import { STYLES } from './styles.ts';

export type { Protection, Words };

// Importing the module where there is no DOM (a server that renders pages) must not fail.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

let sheet: CSSStyleSheet | undefined;

/** Per storefront, the one element that announces to screen readers, and the last announced price. */
const spoken = new WeakMap<Storefront, { readonly by: OrderProtection; readonly price: string }>();

type Extras = Partial<Omit<AnalysisRequest, 'cart'>>;

const attributeOf = (key: WordKey) => 'text-' + key.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());

const NOTICES: Record<ReconfirmReason, WordKey> = {
  modes_changed: 'modesChanged',
  price_rose: 'priceRose',
  currency_changed: 'priceRose',
  interrupted: 'interrupted',
};

export class OrderProtection extends Base {
  static readonly observedAttributes = ['locale', ...WORD_KEYS.map(attributeOf)];

  /** Sent with every analysis; the attribute `region` is the same for plain text. */
  // Declared, not defined: a value set before the element was upgraded has to stay.
  declare region: AnalysisRequest['region'] | undefined;
  declare deliveryGroups: ReadonlyArray<{ readonly deliveryMethod: string }> | undefined;
  declare customer: { readonly isB2B?: boolean; readonly groups?: readonly string[] } | undefined;

  #storefront: Storefront | undefined;
  #unsubscribe = () => {};
  #cart: WireCart | undefined;
  #words: Words | undefined;
  #ownWords: Partial<Words> = {};
  #wordsLocale = '';
  #language: Promise<unknown> = Promise.resolve();
  #lawfulness: typeof import('./default_lawfulness.ts') | undefined;

  readonly #card = make('div', 'card');
  readonly #label = make('label');
  readonly #box = make('input', 'box');
  readonly #title = make('slot');
  readonly #optional = make('span');
  readonly #price = make('bdi', '', 'price');
  readonly #description = make('slot');
  readonly #covered = make('div', 'description');
  readonly #longest = make('div', '', 'longest');
  readonly #notice = make('div', 'notice');
  readonly #details = make('div', 'details');
  readonly #status = make('div', '', 'quiet');

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#assemble(), this.#status);
  }

  connectedCallback(): void {
    // A property set before the element was defined hides the accessor; set it again, properly.
    const early = this as Record<string, unknown>;
    this.#loadWords();
    for (const name of ['storefront', 'words', 'cart']) {
      if (!Object.hasOwn(this, name)) continue;
      const value = early[name];
      delete early[name];
      early[name] = value;
    }
    this.#render();
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (name === 'locale') this.#loadWords();
    else this.#render();
  }

  /** The behaviour behind this face. Two elements that share one show the same choice. */
  get storefront(): Storefront {
    if (!this.#storefront) this.storefront = new Storefront(this.#options());
    return this.#storefront as Storefront;
  }

  set storefront(storefront: Storefront) {
    this.#unsubscribe();
    this.#storefront = storefront;
    this.#unsubscribe = storefront.subscribe((occurrence, protection) => {
      this.#render();
      this.#announce(occurrence);
      this.dispatchEvent(
        new CustomEvent(`protection-${occurrence}`, { detail: protection, bubbles: true, composed: true }),
      );
    });
    this.#render();
  }

  /** Own texts, which override the texts of the language. An empty text counts as absent. */
  get words(): Partial<Words> {
    return this.#ownWords;
  }

  set words(words: Partial<Words>) {
    this.#ownWords = words;
    this.#render();
  }

  get cart(): WireCart | undefined {
    return this.#cart;
  }

  set cart(cart: WireCart | undefined) {
    if (cart) void this.analyze(cart);
  }

  /** What to charge and report for an order placed at this moment; null means no fee. */
  get acceptance(): Terms | null {
    return this.storefront.acceptance;
  }

  /** Resolves when no analysis is under way, at the latest when the budget is spent. */
  get settled(): Promise<Protection> {
    return this.storefront.settled;
  }

  /** Call whenever the cart changed. Never rejects. `extras` are further members of the request. */
  analyze(cart: WireCart, extras?: Extras): Promise<Protection> {
    this.#cart = cart;
    // The page's language may have changed: no event reports a change of the lang attribute.
    if (this.#locale !== this.#wordsLocale) this.#loadWords();
    const region = this.region ?? this.getAttribute('region') ?? undefined;
    const request = {
      platform: this.getAttribute('platform') ?? 'custom',
      cartId: this.getAttribute('cart-id') ?? undefined,
      locale: this.#locale,
      region,
      deliveryGroups: this.deliveryGroups,
      customer: this.customer,
      cartExperience: 'widget',
      ...extras,
      cart,
    };
    // A missing region is the server's to refuse: the offer is hidden and the reason says so.
    return this.storefront.analyze(request as AnalysisRequest);
  }

  /** Take over an acceptance from an earlier page; see `Storefront.restore`. */
  restore(kept: unknown): void {
    this.storefront.restore(kept);
  }

  get #locale(): string {
    const own = this.getAttribute('locale') || this.closest<HTMLElement>('[lang]')?.lang;
    return own || document.documentElement.lang || 'en';
  }

  #options(): StorefrontOptions {
    const text = (name: string) => this.getAttribute(name) || undefined;
    const number = (name: string) => (text(name) ? Number(text(name)) || 0 : undefined);
    return defined({
      endpoint: text('endpoint'),
      browserKey: text('browser-key'),
      budgetMs: number('budget-ms'),
      debounceMs: number('debounce-ms'),
      riseToleratedBps: number('rise-tolerated-bps'),
      sessionId: text('session-id'),
      prepare: () => Promise.all([this.#language, this.#loadLawfulness()]),
      acceptedByDefault: (request: AnalysisRequest) => this.#mayBePreticked(request),
    });
  }

  /** The table is loaded only for a shop that asks for the default, so that others do not carry it. */
  async #loadLawfulness(): Promise<void> {
    if (this.hasAttribute('default-on')) this.#lawfulness ??= await import('./default_lawfulness.ts');
  }

  #mayBePreticked({ region, platform }: AnalysisRequest): boolean {
    const shopDecidedFor = this.getAttribute('default-on')?.split(/[\s,]+/);
    if (!shopDecidedFor || !this.#lawfulness) return false;
    const { allowed, row } = this.#lawfulness.mayBePreticked({ region, platform, shopDecidedFor });
    if (!allowed) console.warn('<order-protection> starts off in', region, '-', row?.source ?? 'nothing known');
    return allowed;
  }

  #loadWords(): void {
    this.#wordsLocale = this.#locale;
    const loading = wordsFor(this.#wordsLocale).then((words) => {
      // A later change of locale wins, whichever module arrives first.
      if (this.#language !== loading) return;
      this.#words = words;
      this.#render();
    });
    this.#language = loading;
    // Callers that await the texts get the error; without them it must not be an unhandled rejection.
    loading.catch(() => {});
  }

  #assemble(): HTMLElement {
    this.#box.type = 'checkbox';
    this.#box.id = 'box';
    this.#box.setAttribute('aria-describedby', 'description notice');
    this.#box.addEventListener('click', (event) => this.#click(event));
    // `input` would leave the shadow root, and shops re-analyze on every input of their form.
    this.#box.addEventListener('input', (event) => event.stopPropagation());
    this.#covered.id = 'description';
    this.#notice.id = 'notice';
    this.#title.name = 'title';
    this.#status.setAttribute('role', 'status');
    const terms = make('span', 'terms');
    terms.append(this.#optional, ' · ', this.#price);
    const head = make('span', '', 'head');
    const title = make('span', 'title');
    title.append(this.#title);
    head.append(title, terms);
    this.#label.append(this.#box, head);
    this.#covered.append(this.#description);
    this.#longest.ariaHidden = 'true';
    const details = make('slot');
    details.name = 'details';
    this.#details.append(details);
    const below = make('div', '', 'below');
    below.append(this.#covered, this.#longest, this.#notice, this.#details);
    this.#card.append(this.#label, below);
    this.#card.hidden = true;
    return this.#card;
  }

  #click(event: Event): void {
    const { view } = this.storefront;
    if (view.name === 'loading') event.preventDefault();
    else if (this.#box.checked) this.storefront.accept();
    else this.storefront.decline();
  }

  #word(key: WordKey): string {
    return this.getAttribute(attributeOf(key)) || this.#ownWords[key] || (this.#words ?? english)[key];
  }

  #render(): void {
    const storefront = this.#storefront;
    if (!storefront || !this.isConnected) return;
    const { view } = storefront;
    this.dataset.view = view.name;
    const { reason } = storefront.protection;
    if (reason) this.dataset.reason = reason;
    else delete this.dataset.reason;
    if (view.name === 'loading') return this.#renderLoading();
    if (view.name === 'hidden' || !this.#words) return this.#renderNothing();
    this.#card.style.minHeight = '';
    this.#renderOffer(view.offer, storefront);
  }

  /** Keeps a reserved place empty, so that the button below does not move while the shopper clicks. */
  #renderNothing(): void {
    const card = this.#card;
    card.className = 'card first gone';
    card.hidden = !this.hasAttribute('skeleton');
    card.inert = true;
    if (card.hidden) card.style.minHeight = '';
    this.#renderWords('both');
  }

  /** Keeps the place and the focus of an offer that was there, but nothing that may be stale. */
  #renderLoading(): void {
    const card = this.#card;
    const isFirst = Boolean(card.hidden) || card.classList.contains('first');
    if (!isFirst && !card.style.minHeight) card.style.minHeight = `${card.getBoundingClientRect().height}px`;
    card.className = isFirst ? 'card first' : 'card loading';
    card.hidden = isFirst && !this.hasAttribute('skeleton');
    card.inert = isFirst;
    card.ariaBusy = 'true';
    this.#box.ariaDisabled = 'true';
    // A skeleton is as high as the longest offer: its words are there, but not to be seen.
    if (isFirst) this.#renderWords('both');
    this.#price.textContent = isFirst ? '\u00a0'.repeat(10) : '';
    this.#description.hidden = this.#details.hidden = !isFirst;
    this.#notice.hidden = true;
  }

  #renderOffer(offer: EligibleOffer, { view, acceptance }: Storefront): void {
    const card = this.#card;
    card.className = acceptance ? 'card accepted' : 'card';
    card.hidden = card.inert = false;
    card.ariaBusy = this.#box.ariaDisabled = null;
    this.#box.checked = acceptance !== null;
    this.#renderWords(coveredBy(offer.mode));
    this.#price.textContent = this.#priceOf(offer);
    this.#description.hidden = this.#details.hidden = false;
    this.#notice.hidden = view.name !== 'reconfirm';
    this.#notice.textContent = view.name === 'reconfirm' ? this.#word(NOTICES[view.because]) : '';
  }

  #renderWords(covered: 'return' | 'shipping' | 'both'): void {
    const { language } = { ...(this.#words ?? english), ...this.#ownWords };
    this.#card.lang = language;
    this.#card.dir = isRightToLeft(language) ? 'rtl' : 'ltr';
    this.#title.textContent = this.#word('title');
    this.#optional.textContent = this.#word('optional');
    this.#description.name = `description-${covered}`;
    this.#description.textContent = this.#word(covered);
    this.#longest.textContent = this.hasAttribute('skeleton') ? this.#word('both') : '';
  }

  #priceOf({ chargeInstructions: { amount, currencyCode } }: Terms): string {
    return formatMoney(amount, currencyCode, this.#locale);
  }

  /** Announces changes to screen readers, except a change that the shopper just made. */
  #announce(occurrence: Occurrence): void {
    if (occurrence === 'loading' || occurrence === 'change') return;
    const last = spoken.get(this.storefront);
    if (!this.isConnected || (last?.by.isConnected && last.by !== this)) return;
    const { view } = this.storefront;
    if (occurrence === 'reset') this.#status.textContent = view.name === 'hidden' ? this.#word('gone') : '';
    if (occurrence === 'reset' || !('offer' in view)) return;
    const price = this.#priceOf(view.offer);
    const moved = last && last.price !== price;
    spoken.set(this.storefront, { by: this, price });
    const now = moved ? this.#word('newPrice').replace('{price}', () => price) : '';
    this.#status.textContent = `${this.#notice.textContent} ${now}`.trim();
  }
}

/** Which of the three descriptions is true for these modes. */
function coveredBy(mode: readonly CoverageMode[]): 'return' | 'shipping' | 'both' {
  if (!mode.includes('shippingProtection')) return 'return';
  return mode.includes('returnCoverage') ? 'both' : 'shipping';
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  part = '',
  className = part,
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (part) element.setAttribute('part', part);
  if (className) element.className = className;
  return element;
}

/** An option that is not given must not count as given and undefined. */
function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: Exclude<T[K], undefined> };
}

declare global {
  interface HTMLElementTagNameMap {
    'order-protection': OrderProtection;
  }
  interface HTMLElementEventMap {
    'protection-change': CustomEvent<Protection>;
    'protection-reset': CustomEvent<Protection>;
    'protection-offer': CustomEvent<Protection>;
    'protection-loading': CustomEvent<Protection>;
  }
}

// Two copies of the script on a page must not break the second one.
if (globalThis.customElements && !customElements.get('order-protection')) {
  customElements.define('order-protection', OrderProtection);
}
