// The documents that the collection commerce.events has at the start.
db = db.getSiblingDB('commerce');
db.events.insertMany([
  { event_type: 'page_view', user_id: 1, url: '/products/42', occurred_at: ISODate('2026-01-05T09:30:00.000Z') },
  { event_type: 'add_to_cart', user_id: 1, product: { id: 42, name: 'Desk lamp' }, quantity: 2, occurred_at: ISODate('2026-01-05T09:31:12.500Z') },
  { event_type: 'purchase', user_id: 1, items: [{ id: 42, quantity: 2, price: 24.5 }], total: 49.0, occurred_at: ISODate('2026-01-05T09:35:47.120Z') },
]);
