//! What is predefined: how each function and each method of values would be declared, and what it is for.

use crate::ir::Type;

/// One that is predefined.
struct Predefined {
    /// The type whose method it is; empty for a function.
    of: &'static str,
    name: &'static str,
    declaration: &'static str,
    documentation: &'static str,
}

macro_rules! predefined {
    ($($of:literal { $($name:ident $declaration:literal $documentation:literal;)* })*) => {
        &[$($(Predefined {
            of: $of,
            name: stringify!($name),
            declaration: $declaration,
            documentation: $documentation,
        }),*),*]
    };
}

const ALL: &[Predefined] = predefined! {
    "" {
        print "void print (string template, …)" "Prints the template, whose `{}` stand for the other arguments.";
        println "void println (string template, …)" "Prints the template, whose `{}` stand for the other arguments, and ends the line.";
        format "string format (string template, …)" "The template, whose `{}` stand for the other arguments.";
        to_string "string to_string (T x)" "A number, text, boolean, enum, date or time as `print` writes it.";
        parse_int "long parse_int (string s)" "The whole number that a text is; `arithmetic_error` if it is none.";
        parse_double "double parse_double (string s)" "The number that a text is; `arithmetic_error` if it is none.";
        length "int length (T x)" "Chars of a string, elements of a collection or array, objects of a reference.";
        now "timestamp now ()" "The time, in UTC.";
        sleep "void sleep (double seconds)" "Waits.";
        random "double random ()" "A random number in [0, 1).";
        args "list<string> args ()" "What stands behind `--` on the command line.";
        hosts "list<host> hosts ()" "The hosts of the cluster, by name.";
        my_host "host my_host ()" "The host on which this runs.";
        host "host host (string name)" "The host with this name or address; `no_such_element` if there is none.";
        error "error error (int code, string message)" "An error; code 0 is success.";
        date "date date (int year, int month, int day)" "A day.";
        time "time time (int hour, int minute, double second)" "A time of day.";
        timestamp "timestamp timestamp (date day, time at)" "A point in time, in UTC.";
        interval "interval interval (double seconds)" "A length of time.";
        abs "T abs (T x)" "The number without its sign; `arithmetic_error` if its type does not hold that.";
        min "T min (T a, T b)" "The smaller one.";
        max "T max (T a, T b)" "The greater one.";
        sqrt "double sqrt (double x)" "The square root.";
        cbrt "double cbrt (double x)" "The cube root.";
        sin "double sin (double x)" "The sine of an angle in radians.";
        cos "double cos (double x)" "The cosine of an angle in radians.";
        tan "double tan (double x)" "The tangent of an angle in radians.";
        asin "double asin (double x)" "The angle in radians with this sine.";
        acos "double acos (double x)" "The angle in radians with this cosine.";
        atan "double atan (double x)" "The angle in radians with this tangent.";
        atan2 "double atan2 (double y, double x)" "The angle in radians of the point (x, y).";
        sinh "double sinh (double x)" "The hyperbolic sine.";
        cosh "double cosh (double x)" "The hyperbolic cosine.";
        tanh "double tanh (double x)" "The hyperbolic tangent.";
        exp "double exp (double x)" "e to the power of x.";
        log "double log (double x)" "The natural logarithm.";
        log2 "double log2 (double x)" "The logarithm to the base 2.";
        log10 "double log10 (double x)" "The logarithm to the base 10.";
        pow "double pow (double x, double y)" "x to the power of y.";
        hypot "double hypot (double x, double y)" "The length of the vector (x, y).";
        fmod "double fmod (double x, double y)" "What remains of x divided by y, with the sign of x.";
        floor "double floor (double x)" "The greatest whole number that is not above x.";
        ceil "double ceil (double x)" "The smallest whole number that is not below x.";
        round "double round (double x)" "The nearest whole number, halves away from zero.";
        trunc "double trunc (double x)" "The number without what stands behind its point.";
        is_nan "boolean is_nan (double x)" "Whether x is no number.";
    }
    "string" {
        contains "boolean string::contains (string s) const" "Whether `s` occurs in it.";
        starts_with "boolean string::starts_with (string s) const" "Whether it begins with `s`.";
        ends_with "boolean string::ends_with (string s) const" "Whether it ends with `s`.";
        find "int string::find (string s) const" "The index of the first char of `s`, or -1.";
        substring "string string::substring (long from, long count) const" "`count` chars from index `from` on; `index_out_of_range` if there are not so many.";
        split "list<string> string::split (string separator) const" "The parts between the separators.";
        trim "string string::trim () const" "Without the white space at both ends.";
        upper "string string::upper () const" "In upper case.";
        lower "string string::lower () const" "In lower case.";
    }
    "list" {
        append "void list<T>::append (T x)" "Adds an element at the end.";
        insert "void list<T>::insert (long i, T x)" "Adds an element before the one at index `i`; `index_out_of_range` if there is no such place.";
        remove "void list<T>::remove (long i)" "Removes the element at index `i`; `index_out_of_range` if there is none.";
        clear "void list<T>::clear ()" "Removes all elements.";
        first "T list<T>::first () const" "The first element; `no_such_element` if there is none.";
        last "T list<T>::last () const" "The last element; `no_such_element` if there is none.";
        contains "boolean list<T>::contains (T x) const" "Whether an element equals `x`.";
    }
    "set" {
        insert "void set<T>::insert (T x)" "Adds an element, unless it is there.";
        remove "void set<T>::remove (T x)" "Removes an element, if it is there.";
        clear "void set<T>::clear ()" "Removes all elements.";
        contains "boolean set<T>::contains (T x) const" "Whether the element is there.";
    }
    "bag" {
        insert "void bag<T>::insert (T x)" "Adds an element, also if it is there already.";
        remove "void bag<T>::remove (T x)" "Removes one such element, if there is any.";
        clear "void bag<T>::clear ()" "Removes all elements.";
        contains "boolean bag<T>::contains (T x) const" "Whether such an element is there.";
    }
    "map" {
        set "void map<K, V>::set (K k, V v)" "Gives a key its value.";
        get "V map<K, V>::get (K k) const" "The value of a key; `no_such_element` if it is absent.";
        remove "void map<K, V>::remove (K k)" "Removes a key, if it is there.";
        clear "void map<K, V>::clear ()" "Removes all keys.";
        contains "boolean map<K, V>::contains (K k) const" "Whether the key is there.";
        keys "list<K> map<K, V>::keys () const" "The keys in order.";
        values "list<V> map<K, V>::values () const" "The values in the order of the keys.";
    }
    "date" {
        year "int date::year () const" "The year.";
        month "int date::month () const" "The month, from 1.";
        day "int date::day () const" "The day of the month, from 1.";
    }
    "time" {
        hour "int time::hour () const" "The hour, from 0.";
        minute "int time::minute () const" "The minute, from 0.";
        second "double time::second () const" "The second, from 0, with its fraction.";
    }
    "timestamp" {
        date "date timestamp::date () const" "The day, in UTC.";
        time "time timestamp::time () const" "The time of day, in UTC.";
        nanoseconds "long timestamp::nanoseconds () const" "Nanoseconds since the beginning of 1970, in UTC.";
    }
    "interval" {
        seconds "double interval::seconds () const" "The length in seconds.";
        nanoseconds "long interval::nanoseconds () const" "The length in nanoseconds.";
    }
    "host" {
        name "string host::name () const" "Its name.";
    }
};

/// A predefined function, by its place among all that is predefined.
pub(crate) fn function(name: &str) -> Option<usize> {
    place("", name)
}

/// A method of a predefined type.
pub(crate) fn method(ty: Type, name: &str) -> Option<usize> {
    let of = match ty {
        Type::String => "string",
        Type::List(_) => "list",
        Type::Set(_) => "set",
        Type::Bag(_) => "bag",
        Type::Map(..) => "map",
        Type::Date => "date",
        Type::Time => "time",
        Type::Timestamp => "timestamp",
        Type::Interval => "interval",
        Type::Host => "host",
        _ => return None,
    };
    place(of, name)
}

fn place(of: &str, name: &str) -> Option<usize> {
    ALL.iter().position(|one| one.of == of && one.name == name)
}

/// How it would be declared, and what it is for.
pub(crate) fn described(place: usize) -> Option<(&'static str, &'static str)> {
    let one = ALL.get(place)?;
    Some((one.declaration, one.documentation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{function_names, method_names};
    use crate::ir::TypeId;

    #[test]
    fn everything_predefined_is_described_and_nothing_else() {
        let id = TypeId::at(0);
        let types = [
            Type::String,
            Type::List(id),
            Type::Set(id),
            Type::Bag(id),
            Type::Map(id, id),
            Type::Date,
            Type::Time,
            Type::Timestamp,
            Type::Interval,
            Type::Host,
        ];
        let mut known: Vec<Option<usize>> = function_names().map(function).collect();
        for ty in types {
            known.extend(method_names(ty).into_iter().map(|name| method(ty, name)));
        }
        known.sort_unstable();
        assert_eq!(known, (0..ALL.len()).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn each_declaration_names_what_it_declares() {
        for one in ALL {
            let named = format!("{} (", one.name);
            assert!(one.declaration.contains(&named), "{}", one.declaration);
            assert!(one.declaration.contains(one.of), "{}", one.declaration);
        }
    }
}
