import { Disc3 } from 'lucide-react'
import { useState } from 'react'
import { classNames } from './class-names.ts'
import { useMediaAddress } from './media.tsx'

interface CoverProps {
  readonly media: string | null
  readonly className?: string
  readonly isRound?: boolean
  /** Empty where the title stands beside it. */
  readonly alt?: string
}

/** A square picture; a quiet disc until it is here, and where there is none. */
export function Cover({ media, className, isRound = false, alt = '' }: CoverProps) {
  const address = useMediaAddress(media)
  const [broken, setBroken] = useState<string | null>(null)
  return (
    <span
      className={classNames(
        'relative flex aspect-square shrink-0 items-center justify-center overflow-hidden bg-raised text-edge',
        isRound ? 'rounded-full' : 'rounded-cover',
        className,
      )}
    >
      {address === null || broken === address ? (
        <Disc3 className="size-1/3" strokeWidth={1} aria-hidden />
      ) : (
        <img
          src={address}
          alt={alt}
          loading="lazy"
          decoding="async"
          draggable={false}
          className="size-full object-cover"
          onError={() => setBroken(address)}
        />
      )}
    </span>
  )
}
