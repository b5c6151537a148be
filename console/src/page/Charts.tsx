import { useStore } from "@nanostores/preact";
import { short } from "../model/describe.js";
import type { Monitor } from "../model/monitor.js";
import { Chart } from "./Chart.js";

/** How much happens, and how quickly it is here. */
export function Charts({ monitor }: { monitor: Monitor }) {
  const { time, changes, deliveries, median, slow } = useStore(monitor.series);
  const connected = useStore(monitor.stats)?.connected;
  return (
    <section class="charts" aria-label="Charts of the last five minutes">
      <Chart title="Changes" unit="/s" time={time} lines={[{ values: changes, colour: "--accent" }]} format={short} />
      <Chart title="Messages out" unit="/s" note={connected === undefined ? "" : `${short(connected)} ${connected === 1 ? "client" : "clients"}`} time={time} lines={[{ values: deliveries, colour: "--violet" }]} format={short} />
      <Chart
        title="Latency"
        unit=" ms"
        note="commit to browser: median, 9 in 10"
        calm
        time={time}
        lines={[
          { values: median, colour: "--create" },
          { values: slow, colour: "--update" },
        ]}
        format={(millis) => (millis < 10 ? millis.toFixed(1) : short(Math.round(millis)))}
      />
    </section>
  );
}
