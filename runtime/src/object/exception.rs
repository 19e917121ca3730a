//! What can be raised: the predefined exceptions, and objects of classes that derive from them.
//!
//! A [`Raised`] travels as the error of [`Outcome`] through generated code, with `?`. The runtime's own errors are a
//! kind and a message; they become objects only when something catches them.

use super::class::{Attribute, Class, ClassInfo, Field, Object};
use super::context::Context;
use super::reference::Ref;
use crate::value::Text;
use std::any::TypeId;
use std::fmt;
use std::panic::Location;

/// What generated functions return.
pub type Outcome<T> = Result<T, Raised>;

/// An exception on its way to whoever catches it.
#[derive(Clone)]
pub struct Raised(Box<Inner>);

#[derive(Clone)]
struct Inner {
    cause: Cause,
    position: Position,
}

/// What was raised.
#[derive(Clone)]
pub(crate) enum Cause {
    Predefined(Predefined, String),
    Object(Ref<Exception>),
    /// The execution is of no use any more: nothing catches this.
    Stopped,
}

/// Where it was raised.
#[derive(Clone)]
pub(crate) enum Position {
    /// In the generated code of this process.
    Code(&'static Location<'static>),
    /// In the program's source, as another process translated it; may be empty.
    Source(String),
}

macro_rules! predefined {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {
        /// The predefined exceptions that the runtime itself raises.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Predefined {
            /// `exception` itself: what embedding Rust code reports.
            Exception,
            $($(#[$doc])* $kind,)*
        }

        impl Predefined {
            pub(crate) const ALL: &'static [Predefined] = &[Predefined::Exception, $(Predefined::$kind),*];

            /// The class's name in the source.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    Predefined::Exception => "exception",
                    $(Predefined::$kind => $name,)*
                }
            }
        }

        /// The predefined classes: they come first in every program's table of classes.
        pub const PREDEFINED: &[ClassInfo] = &[Exception::INFO, $($kind::INFO),*];

        $(
            $(#[$doc])*
            #[derive(Clone, Default)]
            pub struct $kind {
                /// `exception`
                pub base: Exception,
            }

            impl Class for $kind {
                const INFO: ClassInfo = ClassInfo::of::<$kind>($name).with(&["message"]);

                fn base(&self) -> Option<&dyn Object> {
                    Some(&self.base)
                }

                fn base_mut(&mut self) -> Option<&mut dyn Object> {
                    Some(&mut self.base)
                }

                fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
                    self.base.attributes(each);
                }

                fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
                    self.base.attributes_mut(each);
                }
            }

            impl $kind {
                /// The constructor without a message.
                ///
                /// # Errors
                /// None.
                pub fn new(cx: &mut Context) -> Outcome<Ref<$kind>> {
                    Ok(cx.create($kind::default()))
                }

                /// The constructor with a message.
                ///
                /// # Errors
                /// None.
                pub fn new_with_message(message: &Text, cx: &mut Context) -> Outcome<Ref<$kind>> {
                    let base = Exception { message: message.clone() };
                    Ok(cx.create($kind { base }))
                }

                /// Runs the constructor without a message for an object of a derived class.
                ///
                /// # Errors
                /// None.
                pub fn construct(_: &Ref<$kind>, _: &mut Context) -> Outcome<()> {
                    Ok(())
                }

                /// Runs the constructor with a message for an object of a derived class.
                ///
                /// # Errors
                /// None.
                pub fn construct_with_message(this: &Ref<$kind>, message: &Text, cx: &mut Context) -> Outcome<()> {
                    this.set(Exception::MESSAGE, message.clone(), cx)
                }
            }
        )*
    };
}

predefined! {
    /// `arithmetic_error`: overflow, division by zero, a cast that does not fit.
    ArithmeticError = "arithmetic_error";
    /// `assertion_failed`
    AssertionFailed = "assertion_failed";
    /// `bad_cast`: an object is not of the class it was cast to.
    BadCast = "bad_cast";
    /// `index_out_of_range`
    IndexOutOfRange = "index_out_of_range";
    /// `invariant_failed`
    InvariantFailed = "invariant_failed";
    /// `no_such_element`
    NoSuchElement = "no_such_element";
    /// `null_reference`
    NullReference = "null_reference";
    /// `postcondition_failed`
    PostconditionFailed = "postcondition_failed";
    /// `precondition_failed`
    PreconditionFailed = "precondition_failed";
    /// `reentrant_call`: a call chain would re-enter a server that waits in it.
    ReentrantCall = "reentrant_call";
    /// `resource_exhausted`
    ResourceExhausted = "resource_exhausted";
    /// `server_failed`
    ServerFailed = "server_failed";
    /// `timeout_expired`
    TimeoutExpired = "timeout_expired";
}

/// `exception`: the root class of what can be thrown.
#[derive(Clone, Default)]
pub struct Exception {
    /// What happened, for people.
    pub message: Text,
}

impl Exception {
    /// The attribute `message`.
    pub const MESSAGE: Field<Exception, Text> =
        Field::new(0, |this| &this.message, |this| &mut this.message);

    /// The constructor without a message.
    ///
    /// # Errors
    /// None.
    pub fn new(cx: &mut Context) -> Outcome<Ref<Exception>> {
        Ok(cx.create(Exception::default()))
    }

    /// The constructor with a message.
    ///
    /// # Errors
    /// None.
    pub fn new_with_message(message: &Text, cx: &mut Context) -> Outcome<Ref<Exception>> {
        Ok(cx.create(Exception {
            message: message.clone(),
        }))
    }

    /// Runs the constructor without a message for an object of a derived class.
    ///
    /// # Errors
    /// None.
    pub fn construct(_: &Ref<Exception>, _: &mut Context) -> Outcome<()> {
        Ok(())
    }

    /// Runs the constructor with a message for an object of a derived class.
    ///
    /// # Errors
    /// None.
    pub fn construct_with_message(
        this: &Ref<Exception>,
        message: &Text,
        cx: &mut Context,
    ) -> Outcome<()> {
        this.set(Exception::MESSAGE, message.clone(), cx)
    }
}

impl Class for Exception {
    const INFO: ClassInfo = ClassInfo::of::<Exception>("exception").with(&["message"]);

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        each(&self.message);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        each(&mut self.message);
    }
}

impl Raised {
    /// A predefined exception, raised by the caller's line.
    #[must_use]
    #[track_caller]
    pub fn predefined(kind: Predefined, message: impl Into<String>) -> Raised {
        Raised::at(
            Cause::Predefined(kind, message.into()),
            Position::Code(Location::caller()),
        )
    }

    pub(crate) fn at(cause: Cause, position: Position) -> Raised {
        Raised(Box::new(Inner { cause, position }))
    }

    /// `throw object`: `null` raises `null_reference`.
    #[must_use]
    #[track_caller]
    pub fn object<T: Class>(object: &Ref<T>) -> Raised {
        if object.is_null() {
            return Raised::null();
        }
        Raised::at(
            Cause::Object(object.retyped()),
            Position::Code(Location::caller()),
        )
    }

    /// The end of a method that is of no use any more.
    #[must_use]
    #[track_caller]
    pub(crate) fn stopped() -> Raised {
        Raised::at(Cause::Stopped, Position::Code(Location::caller()))
    }

    /// `arithmetic_error`
    #[must_use]
    #[track_caller]
    pub fn arithmetic(message: impl Into<String>) -> Raised {
        Raised::predefined(Predefined::ArithmeticError, message)
    }

    /// `index_out_of_range`
    #[must_use]
    #[track_caller]
    pub fn index(index: i64, length: i64) -> Raised {
        Raised::predefined(
            Predefined::IndexOutOfRange,
            format!("index {index}, length {length}"),
        )
    }

    /// `index_out_of_range` of `new C [size]` and `server C [size]` with a size below 1.
    #[must_use]
    #[track_caller]
    pub fn no_objects(size: i64) -> Raised {
        Raised::predefined(
            Predefined::IndexOutOfRange,
            format!("{size} objects cannot be made: the number is at least 1"),
        )
    }

    /// `no_such_element`
    #[must_use]
    #[track_caller]
    pub fn no_such_element(message: impl Into<String>) -> Raised {
        Raised::predefined(Predefined::NoSuchElement, message)
    }

    /// `null_reference`
    #[must_use]
    #[track_caller]
    pub fn null() -> Raised {
        Raised::predefined(Predefined::NullReference, "null where an object is needed")
    }

    /// What stands where the compiler has proved that control does not come.
    #[must_use]
    #[track_caller]
    pub fn unreachable() -> Raised {
        Raised::predefined(
            Predefined::AssertionFailed,
            "control came to the end of a function with a result",
        )
    }

    /// `resource_exhausted`
    #[must_use]
    #[track_caller]
    pub fn resource_exhausted(message: impl Into<String>) -> Raised {
        Raised::predefined(Predefined::ResourceExhausted, message)
    }

    /// `server_failed`
    #[must_use]
    #[track_caller]
    pub fn server_failed(message: impl Into<String>) -> Raised {
        Raised::predefined(Predefined::ServerFailed, message)
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.0.cause
    }

    pub(crate) fn position(&self) -> &Position {
        &self.0.position
    }

    /// The exception as an object, if its class is `T` or derives from it: what a `catch` does.
    #[must_use]
    pub fn caught<T: Class>(&self, cx: &mut Context) -> Option<Ref<T>> {
        let class = TypeId::of::<T>();
        match &self.0.cause {
            Cause::Object(object) => {
                let part = object.first_object(cx)?.part(class);
                part.is_some().then(|| object.retyped())
            }
            Cause::Predefined(kind, message) => {
                let info = PREDEFINED.iter().find(|info| info.name == kind.name())?;
                let mut object = (info.blank)();
                object.part(class)?;
                if let Some(part) = object.part_mut(TypeId::of::<Exception>())
                    && let Some(exception) = part.downcast_mut::<Exception>()
                {
                    exception.message = Text::from(message.as_str());
                }
                Some(Ref::local(cx.heap_mut().create(object)))
            }
            Cause::Stopped => None,
        }
    }

    /// The dynamic class's name and the message.
    #[must_use]
    pub fn describe(&self, cx: &Context) -> (String, String) {
        match &self.0.cause {
            Cause::Predefined(kind, message) => (kind.name().to_owned(), message.clone()),
            Cause::Object(object) => {
                let Some(found) = object.first_object(cx) else {
                    return ("exception".to_owned(), String::new());
                };
                let message = found
                    .part(TypeId::of::<Exception>())
                    .and_then(|part| part.downcast_ref::<Exception>())
                    .map(|exception| exception.message.to_string());
                (found.class_name().to_owned(), message.unwrap_or_default())
            }
            Cause::Stopped => {
                let message = crate::client::CallError::Stopped.to_string();
                (Predefined::ServerFailed.name().to_owned(), message)
            }
        }
    }
}

/// `throw object`: the exception on its way; `null` raises `null_reference`.
#[must_use]
#[track_caller]
pub fn throw<T: Class>(object: &Ref<T>, _: &mut Context) -> Raised {
    Raised::object(object)
}

/// The exception as an object, if its class is `T` or derives from it.
#[must_use]
pub fn caught<T: Class>(raised: &Raised, cx: &mut Context) -> Option<Ref<T>> {
    raised.caught(cx)
}

impl fmt::Debug for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.cause {
            Cause::Predefined(kind, message) => write!(f, "{}: {message}", kind.name()),
            Cause::Object(object) => write!(f, "{object:?}"),
            Cause::Stopped => f.write_str("stopped"),
        }
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
