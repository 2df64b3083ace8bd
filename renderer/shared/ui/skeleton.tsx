import { classNames } from './class-names.ts'

/** The shape of something that is coming; screen readers are told by the region around it. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classNames('skeleton rounded-control', className)} />
}

/** Rows that are coming. */
export function SkeletonRows({ count, className = 'h-14' }: { count: number; className?: string }) {
  return (
    <div className="flex flex-col gap-1" aria-hidden>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move.
        <Skeleton key={index} className={className} />
      ))}
    </div>
  )
}
