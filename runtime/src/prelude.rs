//! What generated code uses, and all that it uses.

pub use crate::client::Model;
pub use crate::kernel::call::read_only;
pub use crate::object::{
    Answer, ArithmeticError, AssertionFailed, Attribute, BadCast, Call, Class, ClassInfo, Code,
    Context, Exception, Extern, ExternResult, Field, Flow, Future, Host, IndexOutOfRange,
    InvariantFailed, Many, NoSuchElement, NullReference, Object, Outcome, PostconditionFailed,
    PreconditionFailed, Raised, ReentrantCall, Ref, ResourceExhausted, Served, ServerFailed,
    ServerObject, ServerOptions, TimeoutExpired, accept, accept_within, answer, assertion, attempt,
    call, caught, delete, drawn, embedded, enumerator, find_server, host, invariant, invoke,
    or_timeout, postcondition, precondition, print, println, result, run_main, several, sleep,
    start_server, throw, within_depth,
};
pub use crate::outside::Outside;
pub use crate::program::{Program, ServerClass, Start};
pub use crate::value::{
    Array, Bag, BagEdit, Date, Enumeration, Error, Interval, List, ListEdit, Map, MapEdit, Set,
    SetEdit, Text, Time, Timestamp, Value, cast, each, int, math, show,
};
