import type { PackSummary } from '../../../contract/catalogue.ts'
import { NextStep } from '../../shared/track/track-action.tsx'
import { usePackFacts } from '../../shared/track/use-track-facts.ts'
import type { ButtonSize } from '../../shared/ui/button.tsx'

/** The one next step for a pack, after its state. */
export function PackAction({ pack, size = 'small' }: { pack: PackSummary; size?: ButtonSize }) {
  const { state, download } = usePackFacts(pack)
  return (
    <NextStep
      state={state}
      download={download}
      content={{ contentType: 'album', contentId: pack.id }}
      trackId={null}
      title={pack.title}
      artist={pack.dj.name}
      cover={pack.cover}
      price={pack.price}
      readyInSeconds={null}
      djSlug={pack.dj.slug}
      size={size}
    />
  )
}
