/** Under which key the cache keeps each answer. */
export const queryKeys = {
  user: ['user'] as const,
  cart: (userId: string) => ['cart', userId] as const,
  order: (orderId: string) => ['order', orderId] as const,
  orderEvents: (orderId: string) => ['order', orderId, 'events'] as const,
  paymentState: (orderId: string) => ['order', orderId, 'payment-state'] as const,
  myOrders: ['my-orders'] as const,
}
