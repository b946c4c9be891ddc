/**
 * Kubernetes puts variables for every service of a namespace into every container of it, named after the
 * service: for one called `hotlane`, among others `HOTLANE_PORT=tcp://10.0.0.7:80`. They are no settings of ours.
 * Names and form: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */

/** True for a variable that is certainly such a link; `HOTLANE_PORT=8080` is not. */
export function isServiceLink(variable: string, value: string): boolean {
  return (
    /_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(variable) ||
    /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable) ||
    (variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value))
  );
}
