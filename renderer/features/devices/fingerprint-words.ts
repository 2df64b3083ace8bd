const WORDS = (
  'amber apple arrow autumn basil beach birch bridge candle canyon cedar cloud coral cotton crane dawn delta ember fern field flint forest ' +
  'garden ginger glass grove harbor hazel honey island ivory jasmine lake lantern leaf lemon lily maple marble meadow mint moon moss night ' +
  'ocean olive orchid paper pearl pine plum rain river rose saffron sand silver snow star stone summer thunder tiger velvet'
).split(' ')
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A key's thumbprint (base64url) as four words, so that two people can compare it aloud: each word stands for one of its digits, 24 bits in all. */
export function fingerprintWords(thumbprint: string): string {
  return [...thumbprint.slice(0, 4)].map((digit) => WORDS[ALPHABET.indexOf(digit)] ?? WORDS[0]).join(' ')
}
