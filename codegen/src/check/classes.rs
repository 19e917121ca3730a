//! The rules about classes.

use cmsl_parser::rules;

rules! {
    /// The rules about classes.
    pub static CLASSES;

    /// A class derives from itself, directly or through others.
    INHERITANCE_CYCLE = "E0401" Error "a class derives from itself";

    /// A class derives from something that cannot be a base: from what is no class, from a class of the embedding Rust
    /// code, or, being an ordinary class, from a server class.
    BAD_BASE = "E0402" Error "the base is wrong";

    /// A method has the name and parameters of a method of a base, and so overrides it, but another result.
    OVERRIDE = "E0403" Error "a method does not fit the one that it overrides";

    /// A constructor calls its base's by the base's name, `unit () : square (1.0) { }`. Without that the base's
    /// parameterless one runs; this base has none.
    MISSING_BASE_CALL = "E0404" Error "the base's constructor is not called";

    /// A method that is declared `const` changes state: it assigns to an attribute, changes a collection in one, or calls
    /// something that may do so.
    CONST_VIOLATION = "E0405" Error "a const method changes state";

    /// `inverse C::r` names a relation of the related class that relates back to this one:
    ///
    /// ```text
    /// class track       { relation flight_plan plan inverse flight_plan::flown; }
    /// class flight_plan { relation track flown inverse track::plan; }
    /// ```
    ///
    /// Between two server classes no inverse is kept: each server reaches its own attributes alone.
    BAD_INVERSE = "E0406" Error "the inverse does not fit";

    /// A method or constructor is defined outside its class, but the class declares none of that name with those
    /// parameters.
    NOT_DECLARED = "E0407" Error "the class declares no such member";

    /// `this`, and with it the members of the class, exists in methods, constructors and invariants. The initial value of
    /// an attribute uses no other one: assign in a constructor what depends on another attribute.
    NO_THIS = "E0408" Error "there is no `this` here";

    /// `new C [n]` and `server C [n]` make one object or more: a reference names at least one, or is `null`. The size here is
    /// a constant below 1.
    BAD_NEW = "E0409" Error "so many objects cannot be made";

    /// The attributes of a server are its state, which is stored and kept at several hosts; a future is a ticket of the caller who
    /// holds it. Keep futures in local variables, and their results in attributes. Objects of ordinary classes may hold futures,
    /// but cannot be sent then.
    FUTURE_ATTRIBUTE = "E0411" Error "an attribute of a server holds a future";

    /// A class of the embedding Rust code has constructors and methods only: its state is on the side of Rust. In other
    /// classes a method says its result, or `void`; only a constructor, which has the name of its class, goes without.
    BAD_MEMBER = "E0410" Error "the member is wrong here";
}
