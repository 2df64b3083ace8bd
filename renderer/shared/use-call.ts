import {
  type MutationOptions,
  QueryClient,
  type QueryKey,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import type { CallDefinition, Input, Output } from '../../contract/call.ts'
import { AppError, ERRORS } from '../../contract/errors.ts'
import { type Client, useClient } from './client.tsx'
import { errorText } from './error-text.ts'
import { toasts } from './state/toasts.ts'

/** The cache of everything that calls answered. A call that says it may be tried later is tried twice more. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        retry: (count, error) => count < 2 && mayRetry(error),
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: 'always' },
    },
  })
}

function mayRetry(error: unknown): boolean {
  return error instanceof AppError && error.code !== 'offline' && ERRORS[error.code].retry === 'later'
}

export interface CallOptions {
  readonly isEnabled?: boolean
  readonly refetchEveryMs?: number | false
  /** Shows the answer to the former input until the new one is here, so that a list does not flash. */
  readonly keepsFormer?: boolean
}

/** What a query answers, kept under its name and input. */
export function useCall<C extends CallDefinition>(definition: C, input: Input<C>, options: CallOptions = {}) {
  const client = useClient()
  return useQuery<Output<C>>({
    queryKey: [definition.name, input],
    queryFn: () => client.call(definition, input),
    enabled: options.isEnabled ?? true,
    refetchInterval: options.refetchEveryMs ?? false,
    ...(options.keepsFormer === true ? { placeholderData: (former: Output<C> | undefined) => former as never } : {}),
  })
}

export interface CommandOptions<C extends CallDefinition> {
  /** Calls whose answers are asked for again afterwards. */
  readonly refresh?: readonly CallDefinition[]
  /** The same, after a failure alone: what a success changes is told as an event. */
  readonly refreshAfterFailure?: readonly CallDefinition[]
  /** Changes the cache as if the command had worked. */
  readonly optimistic?: (input: Input<C>, queries: QueryClient) => Patch
  /** The query, asked without input, that this command answers anew. */
  readonly answers?: CallDefinition
  readonly onDone?: (output: Output<C>, input: Input<C>) => void
  /** The screen shows the failure itself; otherwise a toast does. */
  readonly showsFailure?: boolean
}

/** What a command changed in the cache before it was answered. */
export interface Patch {
  /** Puts the former answers back. */
  undo(): void
  /** Questions that were under way and were given up, because an answer from before the command would hide what it does. */
  readonly interrupted: readonly QueryKey[]
}

/** A change: applied at once where `optimistic` says how, rolled back with a visible reason when it is refused. */
export function useCommand<C extends CallDefinition>(definition: C, options: CommandOptions<C> = {}) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation(commandOptions(client, queries, definition, options))
}

/** What `useCommand` tells the cache of a command: what happens before it, when it works, when it is refused, and after. */
export function commandOptions<C extends CallDefinition>(
  { call }: Pick<Client, 'call'>,
  queries: QueryClient,
  definition: C,
  options: CommandOptions<C>,
): MutationOptions<Output<C>, Error, Input<C>, Patch | undefined> {
  return {
    mutationFn: (input) => call(definition, input),
    onMutate: (input) => options.optimistic?.(input, queries),
    onSuccess: (output, input) => {
      if (options.answers !== undefined) queries.setQueryData([options.answers.name, {}], output)
      options.onDone?.(output, input)
    },
    onError: (error, _input, patch) => {
      patch?.undo()
      if (options.showsFailure !== true) toasts.failed(errorText(error))
    },
    onSettled: async (_output, error, _input, patch) => {
      const afterFailure = error === null ? [] : (options.refreshAfterFailure ?? [])
      const names = [...(options.refresh ?? []), ...afterFailure].map(({ name }) => name)
      const interrupted = (patch?.interrupted ?? []).filter(([name]) => !names.includes(String(name)))
      const asked = [...names.map((name) => [name]), ...interrupted]
      await Promise.all(asked.map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
  }
}

/** Changes every cached answer of a call. */
export function patchAnswers<C extends CallDefinition>(
  queries: QueryClient,
  { name }: C,
  change: (answer: Output<C>) => Output<C>,
): Patch {
  const queryKey = [name]
  const former = queries.getQueriesData<Output<C>>({ queryKey })
  const underWay = queries.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' })
  void queries.cancelQueries({ queryKey })
  queries.setQueriesData<Output<C>>({ queryKey }, (answer) => (answer === undefined ? undefined : change(answer)))
  return {
    interrupted: underWay.map((query) => query.queryKey),
    undo() {
      for (const [key, answer] of former) queries.setQueryData(key, answer)
    },
  }
}
