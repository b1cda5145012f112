import { Webhook } from 'standardwebhooks';
import { callHttp } from '#service-kit';
import type { Callback } from '../charge/charge.js';
import type { EndpointStore } from './endpoint.store.js';

const TIMEOUT_MS = 3_000;

/** Sends callbacks as Standard Webhooks 1.0: signed over id, timestamp and body by the secret shared with the shop. */
export class CallbackSender {
  private readonly webhook: Webhook;

  constructor(
    secret: string,
    private readonly endpoints: EndpointStore,
  ) {
    this.webhook = new Webhook(secret);
  }

  /** Whether the shop acknowledged it, at the charge's own address or the one that the shop named last. */
  async send(callback: Callback, url: string, at: Date): Promise<boolean> {
    if (await this.post(callback, url, at)) return true;
    const latest = await this.endpoints.latest();
    return latest !== undefined && latest !== url && (await this.post(callback, latest, at));
  }

  private async post({ id, body }: Callback, url: string, at: Date): Promise<boolean> {
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': this.webhook.sign(id, at, body),
    };
    try {
      const { status } = await callHttp(url, { method: 'POST', headers, body, deadlineMs: TIMEOUT_MS });
      return status >= 200 && status < 300;
    } catch {
      // Away or too slow: it is sent again later.
      return false;
    }
  }
}
