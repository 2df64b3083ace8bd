/** Seconds of sound that one worker makes in a second, before anything was measured. */
export const USUAL_PACE = 20

/** When each sound that is still to be made should be there, in ms since 1970: they are made in order, each as long as it sounds. */
export function arrivalTimes(
  sounds: readonly { readonly id: string; readonly seconds: number }[],
  { now, pace }: { readonly now: number; readonly pace: number },
): Map<string, number> {
  let seconds = 0
  return new Map(
    sounds.map((sound) => {
      seconds += sound.seconds
      return [sound.id, now + Math.ceil((seconds / pace) * 1000)]
    }),
  )
}
