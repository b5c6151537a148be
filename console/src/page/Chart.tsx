import { useStore } from "@nanostores/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { shownTheme } from "./theme.js";

interface Line {
  values: (number | null)[];
  /** The name of a colour of the style sheet. */
  colour: string;
}

interface Props {
  title: string;
  unit: string;
  note?: string;
  /** A few values far above the others do not make these small: they leave the picture at the top. */
  calm?: boolean;
  time: number[];
  lines: Line[];
  format(value: number): string;
}

/** So few values are drawn as points, too. */
const FEW = 20;
/** From the first to the second, as time goes on. */
const SPAN_SECONDS = [60, 300] as const;

/** Lines over the last five minutes, with the newest values as text, or those under the pointer. */
export function Chart({ title, unit, note, calm, time, lines, format }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const theme = useStore(shownTheme);
  const data = [time, ...lines.map(({ values }) => values)] as uPlot.AlignedData;

  useEffect(() => {
    const element = place.current!;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = { stroke: colour("--faint"), font: "11px system-ui, sans-serif", ticks: { show: false } };
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const made = new uPlot(
      {
        ...size(),
        padding: [6, 4, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
        scales: {
          x: { range: (_plot, min, max) => [max - Math.min(Math.max(max - min, SPAN_SECONDS[0]), SPAN_SECONDS[1]), max] },
          y: { range: (plot, _min, max) => [0, (calm ? Math.min(max, usual(plot)) : max) * 1.15 || 1] },
        },
        axes: [
          { ...axis, size: 18, gap: 2, space: 70, grid: { show: false }, values: (_plot, splits) => splits.map((seconds) => clock(seconds, splits[1]! - splits[0]! < 60)) },
          { ...axis, size: 44, gap: 4, space: 26, grid: { stroke: colour("--line"), width: 1 }, values: (_plot, splits) => splits.map((value) => (value ? format(value) : "")) },
        ],
        series: [
          {},
          ...lines.map(({ colour: name }, at) => ({
            stroke: colour(name),
            width: 1.5,
            // After a quiet while a value stands alone, and a line needs two.
            spanGaps: true,
            points: { show: (plot: uPlot, series: number) => known(plot, series).length < FEW, size: 4, fill: colour(name) },
            ...(at === 0 ? { fill: `color-mix(in srgb, ${colour(name)} 14%, transparent)` } : {}),
          })),
        ],
        hooks: { setCursor: [(self) => setPointed(self.cursor.idx ?? null)] },
      },
      data,
      element,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize(size()));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [theme]);

  useEffect(() => plot.current?.setData(data), [time]);

  const values = lines.map(({ values }) => values[pointed ?? values.length - 1] ?? null);
  return (
    <figure class="card chart">
      <figcaption>
        <span class="title">{title}</span>
        {note && <span class="note">{note}</span>}
        <span class="values">
          {values.map((value, at) => (
            <span key={at} style={{ color: `var(${lines[at]!.colour})` }}>
              {value === null ? "–" : format(value)}
              {value !== null && at === values.length - 1 && <small>{unit}</small>}
            </span>
          ))}
        </span>
      </figcaption>
      <div ref={place} class="plot" />
    </figure>
  );
}

function known(plot: uPlot, series: number): number[] {
  return [...plot.data[series]!].filter((value) => value !== null && value !== undefined);
}

/** Twice what nine in ten of the last line's values do not exceed. */
function usual(plot: uPlot): number {
  const sorted = known(plot, plot.data.length - 1).sort((a, b) => a - b);
  return 2 * (sorted[Math.floor(sorted.length * 0.9)] ?? Infinity);
}

function clock(seconds: number, fine: boolean): string {
  const date = new Date(seconds * 1000);
  return [date.getHours(), date.getMinutes(), ...(fine ? [date.getSeconds()] : [])].map((part) => String(part).padStart(2, "0")).join(":");
}
