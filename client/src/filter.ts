/** A filter on rows, typed by their columns; docs/filters.md says what it means. */
export type Filter<Row = any> = 0 extends 1 & Row
  ? Record<string, any>
  : { [Column in keyof Row]?: Condition<NonNullable<Row[Column]>> } & {
      AND?: Filter<Row>[];
      OR?: Filter<Row>[];
      NOT?: Filter<Row>;
    };

/** Numbers may be written as strings: JavaScript rounds them beyond 2^53. Values of other types can only be asked for NULL. */
type Operand<Value> = Value extends number
  ? Value | `${number}`
  : Value extends string | boolean
    ? Value
    : never;

type Condition<Value> =
  | Operand<Value>
  | {
      eq?: Operand<Value>;
      ne?: Operand<Value>;
      gt?: Operand<Value>;
      gte?: Operand<Value>;
      lt?: Operand<Value>;
      lte?: Operand<Value>;
      in?: readonly Operand<Value>[];
      notIn?: readonly Operand<Value>[];
      /** `%` is any characters, `_` is one. */
      like?: Value extends string ? string : never;
      isNull?: boolean;
    };
