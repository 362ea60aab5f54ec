/** What a system error of listening told, as it goes from process to process. */
export interface ListenFailure {
  readonly message: string;
  readonly code?: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

/** What is to be told of an error. */
export function listenFailure(error: unknown): ListenFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, code, address, hostname, port }: Error & ListenFailure = error;
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(address === undefined || address === null ? {} : { address }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(port === undefined ? {} : { port }),
  };
}

/** The error again, as `listenError` explains it. */
export function failureError({ message, ...told }: ListenFailure): Error {
  return Object.assign(new Error(message), told);
}
