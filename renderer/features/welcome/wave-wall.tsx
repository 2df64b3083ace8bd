import { useText } from '../../shared/text.ts'

const ROWS = 9
const BARS = 64

/** The picture of the welcome screen: rows of waveforms, one of them lit. */
export function WaveWall() {
  const t = useText()
  return (
    <aside
      aria-label={t('What MixMint is')}
      className="relative flex flex-col justify-between overflow-hidden border-line bg-panel p-8 max-md:hidden md:border-r"
    >
      <svg
        viewBox={`0 0 ${BARS * 10} ${ROWS * 90}`}
        preserveAspectRatio="xMidYMid slice"
        className="absolute inset-0 size-full"
        aria-hidden="true"
      >
        {Array.from({ length: ROWS }, (_, row) =>
          Array.from({ length: BARS }, (__, bar) => {
            const height = barHeight(row, bar)
            const isLit = row === 4 && bar < 40
            return (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move.
                key={`${row}-${bar}`}
                x={bar * 10 + 2}
                y={row * 90 + 45 - height / 2}
                width="6"
                height={height}
                rx="2"
                className={isLit ? 'fill-mint' : 'fill-wave'}
                opacity={isLit ? 1 : 0.2 + 0.5 * (1 - Math.abs(row - 4) / 5)}
              />
            )
          }),
        )}
      </svg>
      <p className="relative mt-auto max-w-md self-start text-balance rounded-panel bg-ground p-6 font-semibold text-2xl">
        {t('Music you buy here arrives whole, verified, and stays yours.')}
      </p>
    </aside>
  )
}

/** A height in pixels that swells like a track: slow parts, drops, and a beat. */
function barHeight(row: number, bar: number): number {
  const part = 0.35 + 0.65 * Math.abs(Math.sin(row * 1.7 + Math.floor(bar / 8) * 2.3))
  const beat = 0.6 + 0.4 * Math.abs(Math.sin(bar * 2.1 + row))
  return 8 + 66 * part * beat
}
