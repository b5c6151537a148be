export function Logo() {
  return (
    <h1 class="logo">
      <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
        <rect width="24" height="24" rx="6" />
        <path d="M4 9c2.7-2.4 5.3-2.4 8 0s5.3 2.4 8 0M4 15c2.7-2.4 5.3-2.4 8 0s5.3 2.4 8 0" />
      </svg>
      Rowtide
    </h1>
  );
}
