import { Registration, type RegistrationOptions, type RegistrationPorts } from "./registration.ts";

const send: RegistrationPorts["send"] = async (method, url, value, signal) => {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(url, { method, headers, body: JSON.stringify(value), signal });
  return { status: response.status, text: await response.text() };
};

/** Keeps the backend at `url` registered with a gateway, over sockets and timers of this process. */
export function register(url: string, options: RegistrationOptions, log: (line: string) => void): Registration {
  return new Registration(url, options, {
    send,
    schedule(run, ms) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    log: (line) => log(`sample-backend ${line}`),
  });
}
