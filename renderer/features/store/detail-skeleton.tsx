import { useText } from '../../shared/text.ts'
import { Skeleton, SkeletonRows } from '../../shared/ui/skeleton.tsx'

/** The shape of a track, pack or DJ page. */
export function DetailSkeleton() {
  const t = useText()
  return (
    <div role="status" aria-label={t('Loading')} className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-6 md:px-6">
      <div className="flex gap-8">
        <Skeleton className="aspect-square w-full max-w-68" />
        <div className="flex grow flex-col gap-4">
          <Skeleton className="h-10 w-2/3" />
          <Skeleton className="h-6 w-1/3" />
          <Skeleton className="h-11 w-1/2" />
        </div>
      </div>
      <Skeleton className="h-28 w-full" />
      <SkeletonRows count={4} />
    </div>
  )
}
