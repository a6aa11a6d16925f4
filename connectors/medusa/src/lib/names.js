/** The name of the module in Medusa's container. */
export const ORDERGUARD = 'orderguard';
