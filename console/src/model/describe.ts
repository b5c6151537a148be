import type { DataChangeEvent } from "@rowtide/client";

/** One column of a change; `before` and `after` are missing where there is no row, or the log does not say. */
export interface Field {
  column: string;
  before?: unknown;
  after?: unknown;
  changed: boolean;
}

/** All columns that a change tells of, in the row's order. */
export function fields(event: DataChangeEvent): Field[] {
  const { old = {}, data } = event;
  const columns = new Set([...Object.keys(data ?? {}), ...Object.keys(old)]);
  return [...columns].map((column) => {
    const field: Field = { column, changed: isChanged(event, column) };
    if (column in old) {
      field.before = old[column];
    }
    if (data && column in data) {
      field.after = data[column];
    }
    return field;
  });
}

/** What is worth a line: of an update what changed, else the row; the id stands before it anyway. */
export function highlights(event: DataChangeEvent): Field[] {
  const all = fields(event);
  const changed = all.filter(({ changed }) => changed);
  return changed.length ? changed : all.filter(({ before, after }) => (after ?? before) !== event.id);
}

function isChanged({ operation, changed, old, data }: DataChangeEvent, column: string): boolean {
  if (operation !== "update") {
    return false;
  }
  if (changed) {
    return changed.includes(column);
  }
  return !!old && !!data && column in old && column in data && JSON.stringify(old[column]) !== JSON.stringify(data[column]);
}

/** A value on one line, at most `length` characters. */
export function text(value: unknown, length = 60): string {
  const whole = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return whole.length <= length ? whole : `${whole.slice(0, length - 1)}…`;
}

/** A record's id; of a composite key the server makes one text. */
export function idText(id: unknown): string {
  return id === undefined || id === null ? "" : text(id);
}

/** By this machine's clock and time zone. */
export function timeOf(millis: number): string {
  const date = new Date(millis);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${parts.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** 1234567 is `1.23 M`: three digits, whatever the size. */
export function short(value: number): string {
  const units = ["", " k", " M", " G", " T"];
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = value === 0 || Math.abs(value) >= 100 || (unit === 0 && Number.isInteger(value)) ? 0 : Math.abs(value) >= 10 ? 1 : unit === 0 ? 1 : 2;
  return `${value.toFixed(digits)}${units[unit]}`;
}

export function bytes(value: number): string {
  return value < 1000 ? `${value} B` : `${short(value)}B`;
}

export function duration(millis: number): string {
  if (millis < 1000) {
    return `${Math.round(millis)} ms`;
  }
  const seconds = Math.floor(millis / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
