import type { Settings } from '../../../contract/app.ts'
import { SpeedSelect } from '../../shared/speed/speed-select.tsx'
import type { Translate } from '../../shared/text.ts'
import { Choice } from './controls.tsx'
import { ScheduleEditor } from './schedule-editor.tsx'
import type { Section } from './section.ts'

/** How fast downloads may be: always, by the hour, for the sake of others, and where the line is paid by volume. */
export function speedSection(t: Translate, settings: Settings, change: (patch: Partial<Settings>) => void): Section {
  return {
    id: 'speed',
    title: t('Speed'),
    rows: [
      {
        word: t('Speed limit'),
        about: t('Over all downloads together; a change takes effect at once. Holding everything is for a gig.'),
        control: (
          <SpeedSelect
            label={t('Speed limit')}
            value={settings.bandwidthLimit}
            onChange={(bandwidthLimit) => change({ bandwidthLimit })}
          />
        ),
      },
      {
        word: t('Schedule'),
        about: t(
          'Hours with a limit of their own, in the time of this computer. Outside of them the speed limit above applies.',
        ),
        isWide: true,
        control: (
          <ScheduleEditor windows={settings.speedSchedule} onChange={(speedSchedule) => change({ speedSchedule })} />
        ),
      },
      {
        word: t('Leave room for others'),
        about: t('Part of the line that downloads leave free, as measured.'),
        control: (
          <Choice
            label={t('Leave room for others')}
            value={String(settings.headroomPercent)}
            options={[...new Set([0, 10, 20, 30, 50, 70, 90, settings.headroomPercent])]
              .sort((left, right) => left - right)
              .map((percent): [string, string] => [String(percent), percent === 0 ? t('None') : `${percent} %`])}
            onChoose={(percent) => change({ headroomPercent: Number(percent) })}
          />
        ),
      },
      {
        word: t('On a metered connection'),
        about: t('One that is paid by volume, such as a phone’s hotspot.'),
        control: (
          <Choice
            label={t('On a metered connection')}
            value={settings.onMetered}
            options={[
              ['ask', t('Ask once')],
              ['use', t('Download')],
              ['wait', t('Wait for another one')],
            ]}
            onChoose={(onMetered) => change({ onMetered: onMetered as Settings['onMetered'] })}
          />
        ),
      },
      {
        word: t('This connection is metered'),
        about: t('Some systems can not tell; then say it here.'),
        control: (
          <Choice
            label={t('This connection is metered')}
            value={settings.meteredConnection}
            options={[
              ['auto', t('As the system says')],
              ['yes', t('Yes')],
              ['no', t('No')],
            ]}
            onChoose={(metered) => change({ meteredConnection: metered as Settings['meteredConnection'] })}
          />
        ),
      },
    ],
  }
}
