// Written by Rowtide (rowtide types) from the database: write it again when that changes.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The rows of each resource, as events have them. */
export type Schema = {
  post: {
    id: number;
    title: string;
    body: string;
    author: string;
    likes: number;
    created_at: string;
  };
};
