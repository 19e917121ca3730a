//! The rules about servers and communication.

use cmsl_parser::rules;

rules! {
    /// The rules about servers and communication.
    pub static SERVERS;

    /// `server C`, `find<C>` and `delete` work on classes that are declared as `server class`.
    NOT_A_SERVER_CLASS = "E0501" Error "the class is not a server class";

    /// Servers share no variables with each other or with their clients: a method of a server class uses its own
    /// state, parameters, locals, constants and other servers. Make the variable an attribute, pass it as an
    /// argument, or declare it `const`.
    SHARED_STATE = "E0502" Error "a server class uses a shared variable";

    /// A server's attributes are reached through `this` alone, whether it was made with `server` or `new`: the
    /// object may be on another host. Declare a method that returns the attribute.
    REMOTE_ATTRIBUTE = "E0503" Error "an attribute of a server is used from outside";

    /// `invoke` sends a command to a server: the object before `->` has a server class.
    INVOKE_NOT_SERVER = "E0504" Error "invoke on an object that is no server";

    /// `accept (futures, n)` takes a future or an array or list of futures.
    ACCEPT_NOT_FUTURE = "E0505" Error "accept on what is no future";

    /// A property of a `server` expression has a value of the wrong type: `replicas`, `tolerance` and
    /// `priority` take integers, `hosts` takes hosts, `name` a string, `durable` a boolean.
    PROPERTY_TYPE = "E0506" Error "a property has the wrong type";

    /// Each property of a `server` expression is given once; `tolerance` and `tolerate` are the same one.
    DUPLICATE_PROPERTY = "E0507" Error "a property is given twice";

    /// A host is named twice in `hosts`; no two replicas of a server run on one host.
    DUPLICATE_HOST = "E0508" Error "a host is named twice";

    /// A constant property has an impossible value: fewer than one replica, or a negative tolerance.
    PROPERTY_RANGE = "E0509" Error "a property has an impossible value";

    /// Arguments and replies of servers are sent as copies. Futures, and objects of the embedding Rust code, cannot be copied.
    NOT_SENDABLE = "E0510" Error "the value cannot be sent";

    /// The result of `invoke` is a future, the only way to learn whether the command was done. Assign it and `accept` it, or
    /// call the method without `invoke` to wait for it.
    UNUSED_INVOKE = "W0501" Warning "the future of an invoke is not used";

    /// The tolerance asked for needs more replicas than the constant given; the number is raised. With
    /// `model crash`, 2t + 1 replicas survive t failures.
    REPLICAS_RAISED = "W0502" Warning "the number of replicas is raised";
}
