import type { OnlineUser } from "@rowtide/client";

/** Round pictures with the first letters of who is there. */
export function Online({ users }: { users: OnlineUser[] }) {
  return (
    <span className="online" aria-label={`${users.length} online`}>
      {users.map(({ userId, metadata }) => {
        const name: string = metadata?.name ?? userId;
        return (
          <span key={userId} className="avatar" style={{ background: `hsl(${hue(userId)} 50% 42%)` }} title={name} role="img" aria-label={name}>
            {name.slice(0, 2).toUpperCase()}
          </span>
        );
      })}
    </span>
  );
}

function hue(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % 360, 7);
}
