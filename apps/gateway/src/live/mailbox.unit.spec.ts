import { describe, expect, jest, test } from '@jest/globals';
import { ChangeFeed } from './change-feed.js';
import { Mailbox } from './mailbox.js';

describe('a mailbox', () => {
  test('gives what came, in order, and waits for more', async () => {
    const mailbox = new Mailbox<number>(() => undefined);
    mailbox.put(1);
    mailbox.put(2);

    expect(await mailbox.take()).toEqual({ items: [1, 2], missed: false });
    const waiting = mailbox.take();
    mailbox.put(3);
    expect(await waiting).toEqual({ items: [3], missed: false });
  });

  test('keeps no more than it can hold, and says that it missed some', async () => {
    const mailbox = new Mailbox<number>(() => undefined, 2);
    for (const item of [1, 2, 3, 4]) mailbox.put(item);

    expect(await mailbox.take()).toEqual({ items: [4], missed: true });
  });

  test('ends for its reader when it is closed, also while that waits', async () => {
    const onClose = jest.fn();
    const mailbox = new Mailbox<number>(onClose);
    const waiting = mailbox.take();
    mailbox.close();
    mailbox.close();

    expect(await waiting).toBeUndefined();
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  test('passes a failure on to its reader', async () => {
    const mailbox = new Mailbox<number>(() => undefined);
    const waiting = mailbox.take();
    mailbox.fail(new Error('gone'));

    await expect(waiting).rejects.toThrow('gone');
  });
});

test('a feed brings changes to those who watch, and forgets them when they leave', async () => {
  const feed = new ChangeFeed();
  const mine = feed.watch(['product_1', 'product_2']);
  const other = feed.watch(['product_3']);
  const change = {
    id: 'e',
    type: 't',
    source: 's',
    subject: 'x',
    version: 1,
    key: 'k',
    time: '',
    data: { productId: 'product_2' },
  };

  feed.publish(change);
  feed.missed();
  mine.close();

  expect(await other.take()).toEqual({ items: [], missed: true });
  expect(feed.watched).toBe(1);
});
