import { Inject, Injectable } from '@nestjs/common';
import { Logger, type RequestContext } from '@vendure/core';

import { loggerCtx, PLUGIN_INIT_OPTIONS } from '../constants';
import type { OrderguardPluginOptions, Setting } from '../types';

/** What one channel needs to talk to Orderguard. */
export interface Connection {
  url: string;
  cartKey: string;
  ordersKey: string;
}

/** @internal */
@Injectable()
export class Settings {
  private readonly warned = new Set<string>();

  constructor(@Inject(PLUGIN_INIT_OPTIONS) readonly options: OrderguardPluginOptions) {}

  /** Null when the channel is not connected; then the plugin is silent. */
  async connection(ctx: RequestContext): Promise<Connection | null> {
    const [url, cartKey, ordersKey] = await Promise.all(
      [this.options.url, this.options.cartKey, this.options.ordersKey].map((setting) => this.read(ctx, setting, '')),
    );
    if (!url && !cartKey && !ordersKey) return null;
    const lacking = whatLacks(url, cartKey, ordersKey);
    if (lacking) {
      this.warnOnce(`Channel ${ctx.channel.code} offers and reports nothing: ${lacking}`);
      return null;
    }
    return { url: url.trim().replace(/\/+$/, ''), cartKey: cartKey.trim(), ordersKey: ordersKey.trim() };
  }

  /** A setting, or `otherwise` when it is absent or its function fails. */
  async read<T>(ctx: RequestContext, setting: Setting<T> | undefined, otherwise: T): Promise<T> {
    try {
      const value = typeof setting === 'function' ? await (setting as (ctx: RequestContext) => unknown)(ctx) : setting;
      return (value as T | undefined) ?? otherwise;
    } catch (error) {
      this.warnOnce(`A setting could not be read: ${messageOf(error)}`);
      return otherwise;
    }
  }

  country(ctx: RequestContext): Promise<string> {
    return this.read(ctx, this.options.country, '');
  }

  isTaxShown(ctx: RequestContext): Promise<boolean> {
    return this.read(ctx, this.options.pricesWithTax, ctx.channel.pricesIncludeTax);
  }

  private warnOnce(sentence: string): void {
    if (!this.warned.has(sentence)) Logger.warn(sentence, loggerCtx);
    this.warned.add(sentence);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function whatLacks(url: string, cartKey: string, ordersKey: string): string {
  if (!url) return 'the option `url` is missing.';
  if (!/^https?:\/\/[^/\s]+/.test(url.trim())) return `${url} is no address; it begins with https://.`;
  if (!cartKey) return 'the option `cartKey` is missing.';
  return ordersKey ? '' : 'the option `ordersKey` is missing.';
}
