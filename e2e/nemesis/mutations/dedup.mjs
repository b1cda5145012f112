// The catalog forgets what it has done for an order when the same event comes again.
if (process.argv[2] === 'catalog') {
  const stock = new URL('../../../dist/apps/catalog/src/stock/', import.meta.url);
  const { MeetDemand } = await import(new URL('meet-demand.handler.js', stock).href);
  const { OrderRecords } = await import(new URL('order-record.projection.js', stock).href);

  const { find } = OrderRecords.prototype;
  OrderRecords.prototype.find = async function (orderId) {
    const record = await find.call(this, orderId);
    return record && { ...record, version: -1 };
  };
  const { meet } = MeetDemand.prototype;
  MeetDemand.prototype.meet = function (order, version, step) {
    const isNew = ({ orderId, orderVersion }) => orderId !== order.orderId || orderVersion < version;
    return meet.call(this, order, version, (variantId, before, demand) =>
      step(variantId, { ...before, holds: before.holds.filter(isNew) }, demand),
    );
  };
}
