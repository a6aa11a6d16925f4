import { ORDERGUARD } from '../../../../lib/names.js';
import { Reports } from '../../../../reports/reports.js';

/** How reporting goes; `connected` for the sales channel of `?sales_channel_id=`. */
export async function GET(req, res) {
  const of = { sales_channel_id: req.query.sales_channel_id ?? null, region_id: null, currency_code: null };
  const connection = await req.scope.resolve(ORDERGUARD).settings.connection(of);
  res.json({ connected: connection !== null, ...(await new Reports(req.scope).health()) });
}
