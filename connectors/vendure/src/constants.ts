/** The name under which this plugin logs. */
export const loggerCtx = 'OrderguardPlugin';

/** The injection token of the plugin's options. */
export const PLUGIN_INIT_OPTIONS = Symbol('ORDERGUARD_PLUGIN_OPTIONS');

/** Our surcharges have this at the beginning of their SKU; the rest are the modes that were sold. */
export const FEE_SKU = 'orderguard:';

/** The name of the job queue. */
export const QUEUE = 'orderguard';

export const PLATFORM = 'vendure';
export const VERSION = '0.1.0';
