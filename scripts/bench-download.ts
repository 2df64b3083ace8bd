/** `npm run bench:download`: see `bench/download.ts`. */
import '../bench/download.ts'
