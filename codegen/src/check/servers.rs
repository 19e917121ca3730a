//! The rules about servers and communication.

use cmsl_parser::{Diagnostic, Span, rules};

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

    /// A host is named twice in `hosts`, by one name or by two: directly, or through variables that hold the same host. No two
    /// replicas of a server run on one host.
    DUPLICATE_HOST = "E0508" Error "a host is named twice";

    /// A constant property has an impossible value: fewer than one replica, or a negative tolerance.
    PROPERTY_RANGE = "E0509" Error "a property has an impossible value";

    /// Arguments and replies of servers are sent as copies. Futures, and objects of the embedding Rust code, cannot be copied.
    NOT_SENDABLE = "E0510" Error "the value cannot be sent";

    /// The replicas of a server form one group, which holds at most 63 of them. A tolerance of t needs 2t + 1 replicas
    /// (3t + 1 with `model byzantine`), so that the greatest tolerance is 31 (20).
    TOO_MANY_REPLICAS = "E0512" Error "too many replicas";

    /// The protocol that is named does not survive the failures that the model allows: `executive` masks replicas that
    /// stop, not replicas that do anything. Leave `protocol` out, or choose `model crash`.
    PROTOCOL_MODEL = "E0513" Error "the protocol does not serve the model";

    /// A replica is a copy of the server's state, and objects of the embedding Rust code cannot be copied: a class whose
    /// attributes hold some runs with one replica only. Put them into a server of their own, which the replicated one calls.
    NOT_REPLICABLE = "E0514" Error "a class that cannot be copied is replicated";

    /// When the host of a method ends while the method waits for another server, the method is executed again elsewhere: it draws
    /// the same times, random numbers and answers, and so repeats the same calls. What objects of the embedding Rust code say cannot be
    /// repeated, because the objects stay in their process. Use them in a server of one replica, which the replicated one calls; functions
    /// of the embedding Rust code may be used.
    NOT_REPEATABLE = "E0516" Error "a method that may be repeated uses what cannot be repeated";

    /// `name` registers one server, which `find` returns. An array of servers has as many names as servers: create them one by
    /// one.
    SHARED_NAME = "E0515" Error "several servers have one name";

    /// The result of `invoke` is a future, the only way to learn whether the command was done. Assign it and `accept` it, or
    /// call the method without `invoke` to wait for it.
    UNUSED_INVOKE = "W0501" Warning "the future of an invoke is not used";

    /// The tolerance asked for needs more replicas than the constant given; the number is raised. With
    /// `model crash`, 2t + 1 replicas survive t failures.
    REPLICAS_RAISED = "W0502" Warning "the number of replicas is raised";

    /// `hosts` names fewer hosts than the server has replicas. Each replica runs on a host of its own, so that the others
    /// are placed where there is room. Name as many hosts as there are replicas, or leave `hosts` out.
    FEW_HOSTS = "W0503" Warning "fewer hosts are named than there are replicas";

    /// `disjoint` keeps the servers of an array on different hosts. One server has nothing to be kept apart from; its own replicas
    /// never share a host.
    DISJOINT_ALONE = "W0504" Warning "disjoint has no effect";

    /// `tolerance` says how many replicas may fail, and `model correct`, which holds where no model is written, says that none does: the state
    /// is then kept in memory alone. Write `model crash` for a server that must survive hosts which stop.
    TOLERANCE_OF_CORRECT = "W0506" Warning "a tolerance for failures that the model excludes";

    /// A server runs one method at a time, and answers nothing while that method waits for another server. A chain of calls
    /// that comes back to a server that waits in it raises `reentrant_call`. The message shows the chain, a number a call. It is
    /// about classes: if the objects of the program never form that circle, nothing is raised. Of many chains through the same
    /// classes the first five are shown.
    ///
    /// ```text
    /// server class front { public: int ask () { return behind->get (); } … };
    /// server class store { public: int get () { return owner->ask (); } … };
    /// ```
    REENTRANT_CHAIN = "W0505" Warning "a chain of calls may come back";
}

/// Reports a host that two expressions of one `hosts` stand for.
pub(crate) fn duplicate_host(
    span: Span,
    written: &str,
    first: Span,
    first_written: &str,
) -> Diagnostic {
    let message = if written == first_written {
        format!("`{written}` is named twice")
    } else {
        format!("`{written}` and `{first_written}` are one host")
    };
    Diagnostic::new(DUPLICATE_HOST, span, message)
        .label(first, "first named here")
        .help("name another one: no two replicas of a server run on one host")
}
