//! The rules about types of values.

use cmsl_parser::{Diagnostic, Span, rules};

rules! {
    /// The rules about types of values.
    pub static TYPES;

    /// A value of one type stands where another is needed. Numbers widen by themselves to a type that holds all
    /// their values; a reference converts to a base class; nothing else converts by itself. Text is made of values with
    /// `format ("{}", x)`.
    MISMATCH = "E0301" Error "a value has the wrong type";

    /// A number is used where a type is needed that may not hold it: `long` to `int`, `double` to `float`, `long` to
    /// `double`. Write the cast, `(int) x`: a value that does not fit raises `arithmetic_error` when the program runs.
    NARROWING = "E0302" Error "a number may lose value";

    /// Conditions, and the operands of `!`, `&&` and `||`, are `boolean`. Numbers and references are no
    /// conditions: write `n != 0` or `t != null`.
    NOT_BOOLEAN = "E0303" Error "a condition is not boolean";

    /// An operator is applied to values that it does not work on.
    BAD_OPERANDS = "E0304" Error "an operator does not fit its operands";

    /// A `char` compares, and needs a cast for arithmetic: `(char) ((int) c + 1)`.
    CHAR_ARITHMETIC = "E0305" Error "arithmetic with a char";

    /// Two numbers meet in an operator, and no type holds all values of both: `long` and `unsigned long`, or `long` and
    /// `double`. Cast one of them.
    NO_COMMON_TYPE = "E0306" Error "no type holds both numbers";

    /// A call has more or fewer arguments than the function has parameters.
    ARGUMENT_COUNT = "E0307" Error "wrong number of arguments";

    /// Several functions have the name, and none takes arguments of these types.
    NO_OVERLOAD = "E0308" Error "no function of the name takes these arguments";

    /// Several functions of the name take the arguments, and none of them fits better than the others in each
    /// argument. Cast an argument to say which one is meant.
    OVERLOAD_TIE = "E0309" Error "a call fits several functions";

    /// Members of objects are reached with `->`, those of values (collections, strings, `error`, dates and times)
    /// with `.`.
    WRONG_ACCESS = "E0310" Error "`->` and `.` are mixed up";

    /// `x[i]` takes an element of a list or array variable, a char of a string, the value of a map's key, or one
    /// object of a reference to several.
    NOT_INDEXABLE = "E0311" Error "the value has no elements";

    /// Elements of sets and keys of maps have an order or an identity that never changes: they are integers,
    /// chars, booleans, strings, enums, dates and times, hosts, or references. Floating point numbers,
    /// collections, futures and `error` are not; a `bag` or a `list` holds them.
    BAD_KEY = "E0312" Error "the type cannot be an element of a set or a key";

    /// A call without a result is used as a value, or `void` stands where a type of values is needed.
    VOID_VALUE = "E0313" Error "there is no value";

    /// The end of a function with a result can be reached without `return`.
    MISSING_RETURN = "E0314" Error "a return is missing";

    /// `return` has a value in a function without a result, or none in one with a result.
    WRONG_RETURN = "E0315" Error "the return does not fit the function";

    /// What stands left of an assignment, `++` or `--`, or before a method that changes a collection, is no
    /// variable: it is a constant, a copy, or the outcome of a computation.
    NOT_ASSIGNABLE = "E0316" Error "the target cannot be changed";

    /// The value must be known when the program is compiled: it may be made of literals, constants and operators.
    NOT_CONSTANT = "E0317" Error "the value is not constant";

    /// `print`, `println` and `format` take a literal whose `{}` stand for the arguments in turn; `{{` and `}}` stand for braces.
    BAD_TEMPLATE = "E0318" Error "the template does not fit";

    /// Casts convert between numbers, between `char` or enums and integers, and between a class and
    /// those derived from it.
    BAD_CAST = "E0319" Error "no such cast";

    /// A constant number does not fit the type that it is used as.
    OUT_OF_RANGE = "E0320" Error "a constant is out of range";

    /// `for (T x : c)` goes through lists, sets, bags, maps (by key), array variables, strings and references to
    /// several objects.
    NOT_ITERABLE = "E0321" Error "the value cannot be gone through";

    /// `switch` looks at integers, chars, enums and strings; each `case` is a constant of that type and occurs once.
    BAD_SWITCH = "E0322" Error "the switch is wrong";

    /// The result type of a plain `future` is that of the first `invoke` assigned to it. Here the result is used, and
    /// no `invoke` is assigned: in a function to a variable of its own none before this place, to others none anywhere.
    /// Write the type: `future<vector> f;`.
    UNKNOWN_FUTURE = "E0323" Error "the result type of a future is not known";

    /// The number of elements of an array is an integer that is not negative; that of an attribute or of a variable
    /// outside functions is constant.
    BAD_LENGTH = "E0324" Error "the length of an array is wrong";

    /// What is thrown and caught is an object of `exception` or a class that derives from it.
    NOT_AN_EXCEPTION = "E0325" Error "no exception";

    /// `break` stands in a loop or `switch`, `continue` in a loop, and `throw;` in a `catch`.
    STRAY_JUMP = "E0326" Error "nothing to leave or throw on";

    /// The value of a constant expression does not exist: it overflows or divides by zero.
    CONSTANT_FAULT = "E0327" Error "a constant has no value";

    /// Collections, references to objects and futures have no text of their own: print what they are made of.
    NOT_PRINTABLE = "E0328" Error "the value has no text";

    /// The objects that `new C [n]` or `server C [n]` made stay together: a reference to them names all of them, and none can be
    /// replaced by another. Declare an array variable, `C x[n];`, or a `list<C>`, whose elements can be assigned to.
    GROUP_ELEMENT = "E0329" Error "one object of a group is replaced";

    /// A statement cannot be reached: what stands before it always returns, throws, breaks or loops.
    UNREACHABLE = "W0301" Warning "unreachable code";

    /// A statement computes a value that nobody uses, and has no other effect.
    NO_EFFECT = "W0302" Warning "a statement without effect";
}

/// A value of the wrong type.
pub(crate) fn mismatch(span: Span, expected: &str, found: &str, note: &str) -> Diagnostic {
    Diagnostic::new(
        MISMATCH,
        span,
        format!("expected `{expected}`, found `{found}`"),
    )
    .note(note)
}

/// A number that may lose value.
pub(crate) fn narrowing(span: Span, expected: &str, found: &str, note: &str) -> Diagnostic {
    Diagnostic::new(
        NARROWING,
        span,
        format!("`{found}` may lose value as `{expected}`"),
    )
    .note(note)
    .help(format!("write the cast: `({expected}) …`"))
}

/// A call with a wrong number of arguments.
pub(crate) fn argument_count(
    span: Span,
    callee: &str,
    expected: usize,
    found: usize,
    declared: Option<Span>,
) -> Diagnostic {
    let plural = if expected == 1 { "" } else { "s" };
    let message = format!("{callee} takes {expected} argument{plural}, not {found}");
    let diagnostic = Diagnostic::new(ARGUMENT_COUNT, span, message);
    match declared {
        Some(declared) if declared != Span::default() => {
            diagnostic.label(declared, "declared here")
        }
        _ => diagnostic,
    }
}
