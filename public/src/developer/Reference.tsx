import protocol from "../protocol.json";

interface Described { about: string; optional: string[]; example: object; aliases?: string[]; answers?: string[]; refusedWith?: string; to?: string }

const GROUPS: readonly { heading: string; events: Record<string, Described> }[] = [
  { heading: "Clients send", events: protocol.client },
  { heading: "The server sends", events: protocol.server },
];

/** All events with their payloads, from the table that the tests compare with the server. */
export function Reference() {
  return (
    <section className="reference stack" aria-label="Event reference">
      {GROUPS.map(({ heading, events }) => (
        <section key={heading} className="stack">
          <h2>{heading}</h2>
          {Object.entries(events).map(([name, event]) => (
            <article key={name}>
              <h3 className="mono">{name}</h3>
              <p>{event.about}</p>
              <p className="muted small">
                {event.to && `To ${event.to}. `}
                {event.answers && event.answers.length > 0 && `Answered by ${event.answers.join(", ")}. `}
                {event.refusedWith && `Refused with ${event.refusedWith}. `}
                {event.aliases && event.aliases.length > 0 && `Also called ${event.aliases.join(", ")}. `}
                {event.optional.length > 0 && `Optional: ${event.optional.join(", ")}.`}
              </p>
              <pre>{JSON.stringify(event.example, null, 2)}</pre>
            </article>
          ))}
        </section>
      ))}
    </section>
  );
}
