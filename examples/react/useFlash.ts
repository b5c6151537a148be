import { useEffect, useRef, useState } from "react";

/** True for a second after the value has become another; not for the first one. */
export function useFlash(value: unknown): boolean {
  const [flash, setFlash] = useState(false);
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) {
      return;
    }
    before.current = value;
    setFlash(true);
    const timer = setTimeout(() => setFlash(false), 1_000);
    return () => clearTimeout(timer);
  }, [value]);
  return flash;
}
