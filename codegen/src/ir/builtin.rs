//! Predefined functions, and methods of predefined types.

/// Predefined functions and methods of predefined types. Arguments are typed as listed; the object of a method comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `my_host () : host`
    MyHost,
    /// `hosts () : list<host>`
    Hosts,
    /// `host (string) : host`
    HostByName,
    /// `now () : timestamp`
    Now,
    /// `sleep (double)`
    Sleep,
    /// `args () : list<string>`
    Args,
    /// `random () : double`
    Random,
    /// `length (x) : int` of a string, collection, array variable or group.
    Length,
    /// `error (int, string) : error`
    MakeError,
    /// `sqrt (double) : double`
    Sqrt,
    /// `cbrt (double) : double`
    Cbrt,
    /// `sin (double) : double`
    Sin,
    /// `cos (double) : double`
    Cos,
    /// `tan (double) : double`
    Tan,
    /// `asin (double) : double`
    Asin,
    /// `acos (double) : double`
    Acos,
    /// `atan (double) : double`
    Atan,
    /// `atan2 (double, double) : double`
    Atan2,
    /// `sinh (double) : double`
    Sinh,
    /// `cosh (double) : double`
    Cosh,
    /// `tanh (double) : double`
    Tanh,
    /// `exp (double) : double`
    Exp,
    /// `log (double) : double`, the natural logarithm.
    Log,
    /// `log2 (double) : double`
    Log2,
    /// `log10 (double) : double`
    Log10,
    /// `pow (double, double) : double`
    Pow,
    /// `hypot (double, double) : double`
    Hypot,
    /// `fmod (double, double) : double`
    Fmod,
    /// `floor (double) : double`
    Floor,
    /// `ceil (double) : double`
    Ceil,
    /// `round (double) : double`, halves away from zero.
    Round,
    /// `trunc (double) : double`
    Trunc,
    /// `abs (T) : T` of a number; checked.
    Abs,
    /// `min (T, T) : T` of numbers, strings, chars, dates and times.
    Min,
    /// `max (T, T) : T`
    Max,
    /// `is_nan (double) : boolean`
    IsNan,
    /// `list.first () : T`
    ListFirst,
    /// `list.last () : T`
    ListLast,
    /// `list.contains (T) : boolean`
    ListContains,
    /// `set.contains (T) : boolean`
    SetContains,
    /// `bag.contains (T) : boolean`
    BagContains,
    /// `map.contains (K) : boolean`
    MapContains,
    /// `map.get (K) : V`
    MapGet,
    /// `map.keys () : list<K>`
    MapKeys,
    /// `map.values () : list<V>`
    MapValues,
    /// `string.contains (string) : boolean`
    StringContains,
    /// `string.starts_with (string) : boolean`
    StringStartsWith,
    /// `string.ends_with (string) : boolean`
    StringEndsWith,
    /// `string.substring (long from, long count) : string`, in chars.
    StringSubstring,
    /// `string.find (string) : int`: the index of the first occurrence, or -1.
    StringFind,
    /// `string.split (string) : list<string>`
    StringSplit,
    /// `string.trim () : string`
    StringTrim,
    /// `string.upper () : string`
    StringUpper,
    /// `string.lower () : string`
    StringLower,
    /// `to_string (x) : string`: as `format ("{}", x)`.
    ToString,
    /// `parse_int (string) : long`; raises `arithmetic_error` if it is none.
    ParseInteger,
    /// `parse_double (string) : double`
    ParseDouble,
    /// `host.name () : string`
    HostName,
    /// `date (int year, int month, int day) : date`
    MakeDate,
    /// `time (int hour, int minute, double second) : time`
    MakeTime,
    /// `timestamp (date, time) : timestamp`
    MakeTimestamp,
    /// `interval (double seconds) : interval`
    MakeInterval,
    /// `date.year () : int`
    DateYear,
    /// `date.month () : int`
    DateMonth,
    /// `date.day () : int`
    DateDay,
    /// `time.hour () : int`
    TimeHour,
    /// `time.minute () : int`
    TimeMinute,
    /// `time.second () : double`
    TimeSecond,
    /// `timestamp.date () : date`
    TimestampDate,
    /// `timestamp.time () : time`
    TimestampTime,
    /// `interval.seconds () : double`
    IntervalSeconds,
    /// `timestamp.nanoseconds () : long`, since 1970-01-01 UTC.
    TimestampNanoseconds,
    /// `interval.nanoseconds () : long`
    IntervalNanoseconds,
}
