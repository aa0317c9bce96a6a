/** Words with amounts and ids among them, which are drawn differently (phrase.tsx). */
export type Phrase = (string | { amount: number; currency: string } | { id: string })[]
