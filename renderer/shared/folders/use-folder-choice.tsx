import { type ReactNode, useState } from 'react'
import type { z } from 'zod'
import { app, type Folder } from '../../../contract/app.ts'
import { useCommand } from '../use-call.ts'
import { FolderDialog } from './folder-dialog.tsx'

/** Lets the user choose a folder: in the system's dialog where there is one, else in ours. `dialog` is to be rendered. */
export function useFolderChoice(
  title: string,
  onChoose: (folder: z.infer<typeof Folder>) => void,
): { ask: () => void; dialog: ReactNode } {
  const [isBrowsing, setBrowsing] = useState(false)
  const choose = useCommand(app.chooseFolder, {
    onDone: ({ folder, hasDialog }) => {
      if (folder !== null) onChoose(folder)
      else if (!hasDialog) setBrowsing(true)
    },
  })
  return {
    ask: () => choose.mutate({}),
    dialog: isBrowsing ? (
      <FolderDialog
        title={title}
        onClose={() => setBrowsing(false)}
        onChoose={(folder) => {
          setBrowsing(false)
          onChoose(folder)
        }}
      />
    ) : null,
  }
}
