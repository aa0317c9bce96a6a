import type { ComponentProps, ReactNode } from 'react'
import { Button } from '../../../../ui/button.tsx'
import { Dialog } from '../../../../ui/dialog.tsx'
import { PhraseText } from '../../../../ui/phrase-text.tsx'
import { ProblemLine } from '../../lib/problem-line.tsx'
import type { DeedWords } from './deeds.ts'

/**
 * The dialog before a deed: what it brings about, the safe way out, and the deed's own button. A refusal or a silence is
 * said here, where the person looks.
 */
export function DeedFrame({
  deed,
  act,
  look,
  initialFocus,
  keepRef,
  confirm,
  onClose,
  children,
}: {
  deed: DeedWords
  act: { isPending: boolean; error: unknown }
  look: ComponentProps<typeof Dialog>['look']
  initialFocus: ComponentProps<typeof Dialog>['initialFocus']
  keepRef?: ComponentProps<typeof Button>['ref']
  /** How the deed's button does it: by itself, or by sending a form. */
  confirm: Pick<ComponentProps<typeof Button>, 'onClick' | 'type' | 'form'>
  onClose: () => void
  children?: ReactNode
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !act.isPending && onClose()}
      title={<PhraseText phrase={deed.title} />}
      consequences={deed.consequences.map((phrase, index) => <PhraseText key={index} phrase={phrase} />)}
      look={look}
      initialFocus={initialFocus}
      actions={
        <>
          <Button ref={keepRef} variant="outline" onClick={onClose} disabled={act.isPending}>
            {deed.keep}
          </Button>
          <Button busy={act.isPending} busyLabel={deed.busy} {...confirm}>
            <span>
              <PhraseText phrase={deed.confirm} />
            </span>
          </Button>
        </>
      }
    >
      {children}
      <ProblemLine error={act.error} />
    </Dialog>
  )
}
