//! What generated code uses, and all that it uses.

pub use crate::client::Model;
pub use crate::object::{
    Answer, ArithmeticError, AssertionFailed, Attribute, BadCast, Call, Class, ClassInfo, Code,
    Context, Exception, Extern, ExternResult, Field, Flow, Future, Host, IndexOutOfRange,
    InvariantFailed, NoSuchElement, NullReference, Object, Outcome, PostconditionFailed,
    PreconditionFailed, Predefined, Properties, Raised, ReentrantCall, Ref, ResourceExhausted,
    Served, ServerFailed, ServerObject, TimeoutExpired, accept, answer, args, attempt, call,
    create_server, delete, find, host, hosts, invoke, my_host, now, print, println, random, relate,
    relate_edit, require, run_main, sleep,
};
pub use crate::program::{Program, ServerClass};
pub use crate::value::{
    Array, Bag, BagEdit, Date, Enumeration, Error, Interval, List, ListEdit, Map, MapEdit, Set,
    SetEdit, Text, Time, Timestamp, Value, cast, int, math, show,
};
