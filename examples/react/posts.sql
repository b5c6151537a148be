-- sqlite3 posts.db < examples/react/posts.sql
CREATE TABLE post (
  id         INTEGER PRIMARY KEY,
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  author     TEXT NOT NULL,
  likes      INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO post (title, body, author, likes) VALUES
  ('Low tide at seven', 'The sandbanks are dry until nine. Bring boots.', 'Ann', 3),
  ('The ferry is back', 'Every hour from the old pier, until the end of March.', 'Bob', 5),
  ('Seals on the north beach', 'Eleven of them. Please keep the dogs away.', 'Cleo', 12);
