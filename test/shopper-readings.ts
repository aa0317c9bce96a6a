/** What a shopper reads at one moment, each as one whole: see scenarios/what-shoppers-read.test.ts. */
import type { Read } from './shopper-page.ts'

export const PAID: Read = {
  route: 'confirmed/paid/paid INR captured 24500, kept 24500',
  scene: 'confirmed',
  result: ['Paid. One shop is packing your box.', 'Order NUMBER. You paid ₹245.00, once. It stands under “My orders”.'],
  buttons: ['Follow the order', 'Back to the counter'],
  order: ['One shop is packing your box'],
  bill: ['You paid ₹245.00'],
  head: [],
  story: ['(At your door)', 'Order placed', 'Paid and confirmed: UPI, success@razorpay'],
  list: 'Confirmed',
}

export const DECLINED: Read = {
  route: 'pending/failed/failed payable',
  scene: 'declined',
  result: [
    'The UPI payment was declined',
    'Your payment was declined by the bank. Try another way to pay. No money was taken. Your box and its prices are kept until TIME, MINUTES from now.',
    'Do you see a charge at your bank? Banks sometimes hold money for a declined payment. If it never reaches us, your bank must return it by DAY. If it does arrive here, we confirm your order or send it back, by itself. Quote NUMBER.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: ['The payment did not go through'],
  bill: ['To pay ₹245.00'],
  head: ['Pay ₹245.00'],
  story: [
    '(Your payment): The box is kept until then',
    'A UPI payment was declined: Your payment was declined by the bank. Try another way to pay.',
    'Order placed',
  ],
  list: 'Payment did not go through',
}

export const FAILED_ENDED: Read = {
  route: 'cancelled/failed/failed',
  scene: 'ended',
  result: [
    'This order was not paid in time',
    'No money was taken for it. What was in it is back on the shelf. If a payment comes after all, the order is confirmed or the money goes back to you, by itself.',
  ],
  buttons: ['Put it in the box again', 'See the order'],
  order: ['This order was not paid in time'],
  bill: ['Total ₹245.00'],
  head: [],
  story: [
    'A UPI payment was declined: Your payment was declined by the bank. Try another way to pay.',
    'Ended, because it was not paid in time',
    'Order placed',
  ],
  list: 'Never paid',
}

export const LEFT: Read = {
  route: 'pending/pending/created payable',
  scene: 'left',
  result: [
    'You left the payment window',
    'We have asked Razorpay: no payment is under way. Your order waits until TIME, MINUTES from now.',
    'Did you approve it in your bank’s app after all? Then wait a moment: this page notices by itself. If you pay twice, one payment goes back to you by itself.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: ['Waiting for your payment'],
  bill: ['To pay ₹245.00'],
  head: ['Pay ₹245.00'],
  story: ['(Your payment): The box is kept until then', 'Order placed'],
  list: 'Awaiting payment',
}

export const CLOSED_ENDED: Read = {
  route: 'cancelled/pending/created',
  scene: 'ended',
  result: [
    'This order was not paid in time',
    'We have seen no money for it. What was in it is back on the shelf. If a payment comes after all, the order is confirmed or the money goes back to you, by itself.',
  ],
  buttons: ['Put it in the box again', 'See the order'],
  order: ['This order was not paid in time'],
  bill: ['Total ₹245.00'],
  head: [],
  story: ['Ended, because it was not paid in time', 'Order placed'],
  list: 'Never paid',
}

export const CLOSED_CANCELLED: Read = {
  route: 'cancelled/pending/created',
  scene: 'ended',
  result: [
    'You cancelled this order',
    'We have seen no money for it. What was in it is back on the shelf. If a payment comes after all, the money goes back to you, by itself.',
  ],
  buttons: ['Put it in the box again', 'See the order'],
  order: ['You cancelled this order'],
  bill: ['Total ₹245.00'],
  head: [],
  story: ['Order placed', 'You cancelled'],
  list: 'Never paid',
}

export const FAILED_THEN_AUTHORIZED_LATE_LATER: Read = {
  route: 'confirmed/paid/paid INR captured 24500, kept 24500',
  scene: 'confirmed',
  result: ['Paid. One shop is packing your box.', 'Order NUMBER. You paid ₹245.00, once. It stands under “My orders”.'],
  buttons: ['Follow the order', 'Back to the counter'],
  order: ['One shop is packing your box'],
  bill: ['You paid ₹245.00'],
  head: [],
  story: [
    '(At your door)',
    'A UPI payment was declined: Your payment was declined by the bank. Try another way to pay.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
  ],
  list: 'Confirmed',
}

export const CONFIRMING: Read = {
  route: 'pending/verified/authorized payable undecided INR authorized 24500',
  scene: 'confirming',
  result: [
    'We are confirming your payment',
    'The payment was approved. We are asking Razorpay to confirm the money. This mostly takes a few seconds.',
    'You can close this page. Do not pay again. If the money does not arrive, nothing is charged, or it goes back to your bank by itself. You find the answer under “My orders”.',
  ],
  buttons: [],
  order: ['We are confirming your payment'],
  bill: ['Total ₹245.00', 'Held at your bank, not taken ₹245.00'],
  head: ['See how far it is'],
  story: ['(Payment confirmed): We keep asking by ourselves', 'Order placed', 'The bank set the money aside'],
  list: 'Confirming your payment',
}

export const AUTHORIZED_IN_ANOTHER_AMOUNT: Read = {
  route: 'pending/under_review/authorized undecided INR authorized 24600',
  scene: 'under_review',
  result: [
    'Your bank holds your payment, and a person looks at it',
    'Your bank holds ₹246.00 for this order, which asks for ₹245.00. We have not taken it. A person decides; what nobody takes, your bank lets go within days. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'Your bank holds your payment, and a person looks at it',
    'Your bank holds ₹246.00 for this order, which asks for ₹245.00. We have not taken it. A person decides; what nobody takes, your bank lets go within days. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'Held at your bank, not taken ₹246.00'],
  head: [],
  story: ['(A person decides about your payment): Do not pay again', 'Order placed', 'The bank set the money aside'],
  list: 'A person looks at your payment',
}

export const AUTHORIZED_IN_ANOTHER_AMOUNT_LATER: Read = {
  route: 'pending/under_review/authorized undecided INR authorized 24600',
  scene: 'under_review',
  result: [
    'Your bank holds your payment, and a person looks at it',
    'Your bank holds ₹246.00 for this order, which asks for ₹245.00. We have not taken it. A person decides; what nobody takes, your bank lets go within days. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'Your bank holds your payment, and a person looks at it',
    'Your bank holds ₹246.00 for this order, which asks for ₹245.00. We have not taken it. A person decides; what nobody takes, your bank lets go within days. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'Held at your bank, not taken ₹246.00'],
  head: [],
  story: [
    '(A person decides about your payment): Do not pay again',
    'A person was asked to look at it',
    'Order placed',
    'The bank set the money aside',
  ],
  list: 'A person looks at your payment',
}

export const UNDECIDED: Read = {
  route: 'pending/pending/created payable undecided',
  scene: 'undecided',
  result: [
    'Your bank has not answered yet',
    'A payment is under way, and Razorpay does not know yet whether it succeeds. If it does, your order is confirmed by itself. It waits until TIME, MINUTES from now.',
    'Wait for it before you pay again. If both payments come, one of them goes back to you by itself.',
  ],
  buttons: ['Ask Razorpay again', 'Pay ₹245.00', 'See the order'],
  order: ['Your bank has not answered yet'],
  bill: ['To pay ₹245.00'],
  head: ['See how far it is', 'Pay ₹245.00'],
  story: ['(Your payment): The box is kept until then', 'Order placed'],
  list: 'Awaiting payment',
}

export const PENDING_LATER: Read = {
  route: 'pending/failed/failed payable',
  scene: 'declined',
  result: [
    'The UPI payment was declined',
    'The payment was not completed in time. No money was taken. Your box and its prices are kept until TIME, MINUTES from now.',
    'Do you see a charge at your bank? Banks sometimes hold money for a declined payment. If it never reaches us, your bank must return it by DAY. If it does arrive here, we confirm your order or send it back, by itself. Quote NUMBER.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: ['The payment did not go through'],
  bill: ['To pay ₹245.00'],
  head: ['Pay ₹245.00'],
  story: [
    '(Your payment): The box is kept until then',
    'A UPI payment was declined: The payment was not completed in time.',
    'Order placed',
  ],
  list: 'Payment did not go through',
}

export const DOUBLE_CAPTURE: Read = {
  route: 'confirmed/paid/paid INR captured 49000, kept 24500, goingBack 24500',
  scene: 'confirmed',
  result: [
    'Paid. One shop is packing your box.',
    'Order NUMBER. You paid ₹490.00: ₹245.00 pays for it, and ₹245.00 is going back to you.',
  ],
  buttons: ['Follow the order', 'Back to the counter'],
  order: [
    'One shop is packing your box',
    '₹245.00 is going back to success@razorpay. The order was paid already, so this payment was one too many. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹490.00', 'Going back −₹245.00', 'Pays for this order ₹245.00'],
  head: [],
  story: [
    '(At your door)',
    '(Money back at your bank): Expected by then',
    'Another payment arrived, ₹245.00',
    'Money is to go back: The order was paid already, so this payment was one too many.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
  ],
  list: 'Confirmed',
}

export const DOUBLE_CAPTURE_SENT: Read = {
  route: 'confirmed/paid/paid INR captured 49000, kept 24500, goneBack 24500',
  scene: 'confirmed',
  result: [
    'Paid. One shop is packing your box.',
    'Order NUMBER. You paid ₹490.00: ₹245.00 pays for it, and ₹245.00 went back to you.',
  ],
  buttons: ['Follow the order', 'Back to the counter'],
  order: [
    'One shop is packing your box',
    '₹245.00 was sent back to success@razorpay. The order was paid already, so this payment was one too many. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹490.00', 'Went back −₹245.00', 'Pays for this order ₹245.00'],
  head: [],
  story: [
    '(At your door)',
    'Another payment arrived, ₹245.00',
    'Money is to go back: The order was paid already, so this payment was one too many.',
    'Money sent back',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
  ],
  list: 'Confirmed',
}

export const SHORT_CAPTURE: Read = {
  route: 'pending/under_review/created INR captured 24400, heldForReview 24400',
  scene: 'under_review',
  result: [
    'We have your payment, and a person looks at it',
    'We have ₹244.00 of yours. This order asks for ₹245.00, so a person decides: it pays for the order, or it goes back to you. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'We have your payment, and a person looks at it',
    'We have ₹244.00 of yours. This order asks for ₹245.00, so a person decides: it pays for the order, or it goes back to you. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹244.00', 'Held, a person looks at it ₹244.00'],
  head: [],
  story: [
    '(A person decides about your payment): Do not pay again',
    'A person was asked to look at it',
    'Order placed',
    '₹244.00 arrived',
  ],
  list: 'A person looks at your payment',
}

export const SHORT_CAPTURE_ACCEPTED: Read = {
  route: 'confirmed/paid/paid INR captured 24400, kept 24400',
  scene: 'confirmed',
  result: ['Paid. One shop is packing your box.', 'Order NUMBER. You paid ₹244.00, once. It stands under “My orders”.'],
  buttons: ['Follow the order', 'Back to the counter'],
  order: ['One shop is packing your box'],
  bill: ['Total ₹245.00', 'You paid ₹244.00', 'Left to pay Nothing'],
  head: [],
  story: [
    '(At your door)',
    'A person was asked to look at it',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    '₹244.00 arrived',
  ],
  list: 'Confirmed',
}

export const SHORT_CAPTURE_CANCELLED: Read = {
  route: 'cancelled/under_review/created INR captured 24400, heldForReview 24400',
  scene: 'under_review',
  result: [
    'Cancelled, and a person looks at your payment',
    'We have ₹244.00 of yours, and this order has ended. A person decides what becomes of it. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'Cancelled, and a person looks at your payment',
    'We have ₹244.00 of yours, and this order has ended. A person decides what becomes of it. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹244.00', 'Held, a person looks at it ₹244.00'],
  head: [],
  story: [
    '(A person decides about your payment): Do not pay again',
    'A person was asked to look at it',
    'Order placed',
    'You cancelled',
    '₹244.00 arrived',
  ],
  list: 'A person looks at your payment',
}

export const SHORT_CAPTURE_KEPT: Read = {
  route: 'cancelled/paid/created INR captured 24400, kept 24400',
  scene: 'stays',
  result: [
    'This order was cancelled',
    '₹244.00 of yours stays with the shop. Ask it if you do not know why, and quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'This order was cancelled',
    '₹244.00 of yours stays with the shop. Ask it if you do not know why, and quote NUMBER.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹244.00', 'Stays with the shop ₹244.00'],
  head: [],
  story: ['A person was asked to look at it', 'Order placed', 'You cancelled', '₹244.00 arrived'],
  list: 'Ended',
}

export const OVER_CAPTURE: Read = {
  route: 'pending/under_review/created INR captured 24600, heldForReview 24600',
  scene: 'under_review',
  result: [
    'We have your payment, and a person looks at it',
    'We have ₹246.00 of yours. This order asks for ₹245.00, so a person decides: it pays for the order, or it goes back to you. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'We have your payment, and a person looks at it',
    'We have ₹246.00 of yours. This order asks for ₹245.00, so a person decides: it pays for the order, or it goes back to you. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹246.00', 'Held, a person looks at it ₹246.00'],
  head: [],
  story: [
    '(A person decides about your payment): Do not pay again',
    'A person was asked to look at it',
    'Order placed',
    '₹246.00 arrived',
  ],
  list: 'A person looks at your payment',
}

export const OVER_CAPTURE_ACCEPTED: Read = {
  route: 'confirmed/paid/paid INR captured 24600, kept 24500, goingBack 100',
  scene: 'confirmed',
  result: [
    'Paid. One shop is packing your box.',
    'Order NUMBER. You paid ₹246.00: ₹245.00 pays for it, and ₹1.00 is going back to you.',
  ],
  buttons: ['Follow the order', 'Back to the counter'],
  order: [
    'One shop is packing your box',
    '₹1.00 is going back to success@razorpay. It is what you paid above the price of the order. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹246.00', 'Going back −₹1.00', 'Pays for this order ₹245.00'],
  head: [],
  story: [
    '(At your door)',
    '(Money back at your bank): Expected by then',
    'A person was asked to look at it',
    'Money is to go back: It is what you paid above the price of the order.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    '₹246.00 arrived',
  ],
  list: 'Confirmed',
}

export const OVER_CAPTURE_SENT: Read = {
  route: 'confirmed/partially_refunded/partially_refunded INR captured 24600, kept 24500, goneBack 100',
  scene: 'confirmed',
  result: [
    'Paid. One shop is packing your box.',
    'Order NUMBER. You paid ₹246.00: ₹245.00 pays for it, and ₹1.00 went back to you.',
  ],
  buttons: ['Follow the order', 'Back to the counter'],
  order: [
    'One shop is packing your box',
    '₹1.00 was sent back to success@razorpay. It is what you paid above the price of the order. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹246.00', 'Went back −₹1.00', 'Pays for this order ₹245.00'],
  head: [],
  story: [
    '(At your door)',
    'A person was asked to look at it',
    'Money is to go back: It is what you paid above the price of the order.',
    'Money sent back',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    '₹246.00 arrived',
  ],
  list: 'Part refunded',
}

export const WRONG_CURRENCY: Read = {
  route: 'pending/under_review/created USD captured 24500, heldForReview 24500',
  scene: 'under_review',
  result: [
    'We have your payment, and a person looks at it',
    'We have $245.00 of yours, in another currency than this order. A person looks at it, and it goes back to you. Do not pay again.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'We have your payment, and a person looks at it',
    'We have $245.00 of yours, in another currency than this order. A person looks at it, and it goes back to you. Do not pay again.',
  ],
  bill: ['Total ₹245.00', 'You paid $245.00', 'Held, a person looks at it $245.00'],
  head: [],
  story: [
    '$245.00 arrived',
    '(A person decides about your payment): Do not pay again',
    'A person was asked to look at it',
    'Order placed',
  ],
  list: 'A person looks at your payment',
}

export const WRONG_CURRENCY_RETURNED: Read = {
  route: 'pending/paid/paid payable USD captured 24500, goingBack 24500',
  scene: 'again',
  result: [
    'This order still waits for your payment',
    '$245.00 is going back to success@razorpay. It was in another currency than the order, so it could not pay for it. We are asking Razorpay to send it; banks take until DAY. The order waits until TIME, MINUTES from now.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: [
    'This order still waits for your payment',
    '$245.00 is going back to success@razorpay. It was in another currency than the order, so it could not pay for it. We are asking Razorpay to send it; banks take until DAY.',
  ],
  bill: ['To pay ₹245.00', 'You paid $245.00', 'Going back −$245.00'],
  head: ['Pay ₹245.00'],
  story: [
    '$245.00 arrived',
    '(Money back at your bank): Expected by then',
    '(Your payment): The box is kept until then',
    'A person was asked to look at it',
    'Money is to go back: It was in another currency than the order, so it could not pay for it.',
    'Order placed',
  ],
  list: 'Awaiting payment',
}

export const WRONG_CURRENCY_SENT: Read = {
  route: 'pending/refunded/refunded payable USD captured 24500, goneBack 24500',
  scene: 'again',
  result: [
    'This order still waits for your payment',
    '$245.00 was sent back to success@razorpay. It was in another currency than the order, so it could not pay for it. Banks take until DAY. The order waits until TIME, MINUTES from now.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: [
    'This order still waits for your payment',
    '$245.00 was sent back to success@razorpay. It was in another currency than the order, so it could not pay for it. Banks take until DAY.',
  ],
  bill: ['To pay ₹245.00', 'You paid $245.00', 'Went back −$245.00'],
  head: ['Pay ₹245.00'],
  story: [
    '$245.00 arrived',
    '(Your payment): The box is kept until then',
    'A person was asked to look at it',
    'Money is to go back: It was in another currency than the order, so it could not pay for it.',
    'Money sent back',
    'Order placed',
  ],
  list: 'Awaiting payment',
}

export const WRONG_CURRENCY_ENDED: Read = {
  route: 'cancelled/refunded/refunded USD captured 24500, goneBack 24500',
  scene: 'gone_back',
  result: [
    'Ended, and your money has gone back',
    '$245.00 was sent back to success@razorpay. It was in another currency than the order, so it could not pay for it. Banks take until DAY.',
  ],
  buttons: ['See the order'],
  order: [
    'Ended, and your money has gone back',
    '$245.00 was sent back to success@razorpay. It was in another currency than the order, so it could not pay for it. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid $245.00', 'Went back −$245.00'],
  head: [],
  story: [
    '$245.00 arrived',
    'A person was asked to look at it',
    'Ended, because it was not paid in time',
    'Money is to go back: It was in another currency than the order, so it could not pay for it.',
    'Money sent back',
    'Order placed',
  ],
  list: 'Money went back',
}

export const FORGED_PAGE: Read = {
  route: 'pending/pending/created payable',
  scene: 'unpaid',
  result: [
    'This order waits for your payment',
    'We have seen no payment for it yet. It is kept for you until TIME, MINUTES from now.',
    'Did you approve it in your bank’s app after all? Then wait a moment: this page notices by itself. If you pay twice, one payment goes back to you by itself.',
  ],
  buttons: ['Pay ₹245.00', 'See the order'],
  order: ['Waiting for your payment'],
  bill: ['To pay ₹245.00'],
  head: ['Pay ₹245.00'],
  story: ['(Your payment): The box is kept until then', 'Order placed'],
  list: 'Awaiting payment',
}

export const CAPTURED_THEN_REFUNDED_LATER: Read = {
  route: 'confirmed/refunded/refunded INR captured 24500, goneBack 24500',
  scene: 'gone_back',
  result: [
    'Nothing is coming, your money has gone back',
    '₹245.00 was sent back to success@razorpay. The shop gave it back. Banks take until DAY.',
  ],
  buttons: ['See the order'],
  order: [
    'Nothing is coming, your money has gone back',
    '₹245.00 was sent back to success@razorpay. The shop gave it back. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Went back −₹245.00'],
  head: [],
  story: ['Money sent back: The shop gave it back.', 'Order placed', 'Paid and confirmed: UPI, success@razorpay'],
  list: 'Refunded',
}

export const CAPTURED_THEN_PART_REFUNDED_LATER: Read = {
  route: 'confirmed/partially_refunded/partially_refunded INR captured 24500, kept 12250, goneBack 12250',
  scene: 'confirmed',
  result: [
    'Paid. One shop is packing your box.',
    'Order NUMBER. You paid ₹245.00: ₹122.50 pays for it, and ₹122.50 went back to you.',
  ],
  buttons: ['Follow the order', 'Back to the counter'],
  order: [
    'One shop is packing your box',
    '₹122.50 was sent back to success@razorpay. The shop gave it back. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Went back −₹122.50', 'Pays for this order ₹122.50'],
  head: [],
  story: [
    '(At your door)',
    'Money sent back: The shop gave it back.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
  ],
  list: 'Part refunded',
}

export const GOING_BACK: Read = {
  route: 'cancelled/paid/paid INR captured 24500, goingBack 24500',
  scene: 'going_back',
  result: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  buttons: ['See the order'],
  order: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Going back −₹245.00'],
  head: [],
  story: [
    '(Money back at your bank): Expected by then',
    'Money is to go back: The order was cancelled.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money going back',
}

export const ASKED_TO_GO_BACK: Read = {
  route: 'cancelled/paid/paid INR captured 24500, goingBack 24500',
  scene: 'going_back',
  result: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We asked Razorpay on DATE at TIME; banks take until DAY. You need do nothing.',
  ],
  buttons: ['See the order'],
  order: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We asked Razorpay on DATE at TIME; banks take until DAY. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Going back −₹245.00'],
  head: [],
  story: [
    '(Money back at your bank): Expected by then',
    'Money is to go back: The order was cancelled.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money going back',
}

export const NOT_GONE_BACK: Read = {
  route: 'cancelled/paid/paid INR captured 24500, failedToGoBack 24500',
  scene: 'not_gone_back',
  result: [
    'Your money could not be sent back yet',
    'We tried to send ₹245.00 back to you, and it did not go through. The money is here, and a person finds another way to give it back. You need do nothing.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'Your money could not be sent back yet',
    'We tried to send ₹245.00 back to you, and it did not go through. The money is here, and a person finds another way to give it back. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Owed to you, could not be sent back ₹245.00'],
  head: [],
  story: [
    'Money could not be sent back: It is here, and a person finds another way',
    'Money is to go back: The order was cancelled.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money could not go back yet',
}

export const GONE_BACK: Read = {
  route: 'cancelled/refunded/refunded INR captured 24500, goneBack 24500',
  scene: 'gone_back',
  result: [
    'Cancelled, and your money has gone back',
    '₹245.00 was sent back to success@razorpay. The order was cancelled. Banks take until DAY.',
  ],
  buttons: ['See the order'],
  order: [
    'Cancelled, and your money has gone back',
    '₹245.00 was sent back to success@razorpay. The order was cancelled. Banks take until DAY.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Went back −₹245.00'],
  head: [],
  story: [
    'Money is to go back: The order was cancelled.',
    'Money sent back',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money went back',
}

export const REFUND_FAILS_LATE_LATER: Read = {
  route: 'cancelled/paid/paid INR captured 24500, failedToGoBack 24500',
  scene: 'not_gone_back',
  result: [
    'Your money could not be sent back yet',
    'We tried to send ₹245.00 back to you, and it did not go through. The money is here, and a person finds another way to give it back. You need do nothing.',
    'You can close this page. What becomes of it stands on the order’s page. If you ask the shop, quote NUMBER.',
  ],
  buttons: ['See the order'],
  order: [
    'Your money could not be sent back yet',
    'We tried to send ₹245.00 back to you, and it did not go through. The money is here, and a person finds another way to give it back. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Owed to you, could not be sent back ₹245.00'],
  head: [],
  story: [
    'Money could not be sent back: It is here, and a person finds another way',
    'Money is to go back: The order was cancelled.',
    'Money sent back',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money could not go back yet',
}

export const REFUND_REFUSED_RETURNED: Read = {
  route: 'cancelled/paid/paid INR captured 24500, goingBack 24500',
  scene: 'going_back',
  result: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  buttons: ['See the order'],
  order: [
    'Cancelled, and your money is going back',
    '₹245.00 is going back to success@razorpay. The order was cancelled. We are asking Razorpay to send it; banks take until DAY. You need do nothing.',
  ],
  bill: ['Total ₹245.00', 'You paid ₹245.00', 'Going back −₹245.00'],
  head: [],
  story: [
    '(Money back at your bank): Expected by then',
    'Money could not be sent back: It is here, and a person finds another way',
    'Money is to go back: The order was cancelled.',
    'Money is to go back: The order was cancelled.',
    'Order placed',
    'Paid and confirmed: UPI, success@razorpay',
    'You cancelled',
  ],
  list: 'Money going back',
}
