import { useEffect, useRef } from 'react'
import { type Playable, player, usePlayerState } from '../../shared/state/player.ts'
import { useMediaAddress } from '../../shared/ui/media.tsx'

/** The sound itself: an audio element that follows the player's state and tells it how far it is. */
export function Sound({ playable }: { playable: Playable }) {
  const element = useRef<HTMLAudioElement>(null)
  const address = useMediaAddress(playable.mediaId)
  const { wantsToPlay, volume, seekTo } = usePlayerState()

  useEffect(() => {
    const audio = element.current
    if (audio === null || address === null) return
    if (!wantsToPlay) {
      audio.pause()
      return
    }
    audio.play().catch((error: unknown) => {
      // A load that is replaced by the next track is no failure.
      if (error instanceof DOMException && error.name === 'AbortError') return
      player.failed(
        error instanceof DOMException && error.name === 'NotAllowedError'
          ? 'Press play once more'
          : 'This can’t be played',
      )
    })
  }, [wantsToPlay, address])

  useEffect(() => {
    if (element.current !== null) element.current.volume = volume
  }, [volume])

  useEffect(() => {
    const audio = element.current
    if (audio === null || seekTo === null || !Number.isFinite(audio.duration)) return
    audio.currentTime = seekTo * audio.duration
    player.progressed(audio.currentTime, audio.duration)
  }, [seekTo])

  useEffect(() => {
    if (!('mediaSession' in navigator)) return
    navigator.mediaSession.metadata = new MediaMetadata({ title: playable.title, artist: playable.artist })
    navigator.mediaSession.setActionHandler('play', () => player.toggled())
    navigator.mediaSession.setActionHandler('pause', () => player.paused())
    navigator.mediaSession.setActionHandler('nexttrack', () => player.skipped(1))
    navigator.mediaSession.setActionHandler('previoustrack', () => player.skipped(-1))
  }, [playable])

  if (address === null) return null
  return (
    // biome-ignore lint/a11y/useMediaCaption: music has no captions.
    <audio
      key={playable.mediaId}
      ref={element}
      src={address}
      preload="auto"
      onTimeUpdate={({ currentTarget: { currentTime, duration } }) => {
        if (Number.isFinite(duration)) player.progressed(currentTime, duration)
      }}
      onLoadedMetadata={({ currentTarget: { duration } }) => {
        if (Number.isFinite(duration)) player.progressed(0, duration)
      }}
      onEnded={() => player.skipped(1)}
      onError={() => player.failed('This can’t be played')}
    />
  )
}
