'use strict';
// A card that does what the test says: data.state is authorized, captured or error.

const { AbstractPaymentProvider, ModuleProvider, Modules } = require('@medusajs/framework/utils');

class Card extends AbstractPaymentProvider {
  static identifier = 'card';
  initiatePayment = async ({ data }) => ({ id: `card_${Date.now()}`, status: 'pending', data: data ?? {} });
  authorizePayment = async ({ data }) => ({ status: data.state ?? 'captured', data });
  capturePayment = async ({ data }) => ({ data });
  refundPayment = async ({ data }) => ({ data });
  cancelPayment = async ({ data }) => ({ data });
  deletePayment = async ({ data }) => ({ data });
  retrievePayment = async ({ data }) => ({ data });
  updatePayment = async ({ data }) => ({ status: 'pending', data });
  getPaymentStatus = async ({ data }) => ({ status: data.state ?? 'captured', data });
  getWebhookActionAndData = async () => ({ action: 'not_supported' });
}

module.exports = ModuleProvider(Modules.PAYMENT, { services: [Card] });
