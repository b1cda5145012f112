// Aggregates are written whatever others wrote since they were read.
import { AggregateRepository } from '#persistence';

const { driverCollection } = AggregateRepository.prototype;
AggregateRepository.prototype.driverCollection = function () {
  const collection = driverCollection.call(this);
  return new Proxy(collection, {
    get(target, name) {
      if (name === 'updateOne') return ({ rev: _rev, ...filter }, ...rest) => target.updateOne(filter, ...rest);
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};
