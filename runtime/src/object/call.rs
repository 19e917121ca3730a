//! Calls and replies as bytes: arguments, results and exceptions, all by value.
//!
//! A call is the method's number and the arguments; a reply says first whether it is a result or an
//! exception. An exception keeps its dynamic class and the position where it was raised.

use super::Damaged;
use super::context::Context;
use super::exception::{Cause, Outcome, Position, Predefined, Raised};
use super::graph::{Decoder, Encoder};
use crate::value::Value;

/// The arguments of a call: a tuple of values, or [`Many`].
pub trait Arguments {
    /// Appends them in order.
    fn write_all(&self, out: &mut Encoder);
}

/// The parameters of a method, as it takes them: a tuple of values, or [`Many`].
pub trait Parameters: Sized {
    /// Takes them in order.
    ///
    /// # Errors
    /// [`Damaged`] if the bytes are not these.
    fn read_all(from: &mut Decoder<'_>) -> Result<Self, Damaged>;
}

macro_rules! tuples {
    ($(($($name:ident . $position:tt),*);)*) => {$(
        impl<$($name: Value),*> Arguments for ($($name,)*) {
            fn write_all(&self, out: &mut Encoder) {
                let _ = &out;
                $(self.$position.write(out);)*
            }
        }

        impl<$($name: Value),*> Parameters for ($($name,)*) {
            fn read_all(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
                let _ = &from;
                Ok(($($name::read(from)?,)*))
            }
        }
    )*};
}

tuples! {
    ();
    (A.0);
    (A.0, B.1);
    (A.0, B.1, C.2);
    (A.0, B.1, C.2, D.3);
    (A.0, B.1, C.2, D.3, E.4);
    (A.0, B.1, C.2, D.3, E.4, F.5);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10);
    (A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10, L.11);
}

/// More than twelve arguments, or parameters: some, and then the others.
pub struct Many<First, Others>(pub First, pub Others);

impl<First: Arguments, Others: Arguments> Arguments for Many<First, Others> {
    fn write_all(&self, out: &mut Encoder) {
        self.0.write_all(out);
        self.1.write_all(out);
    }
}

impl<First: Parameters, Others: Parameters> Parameters for Many<First, Others> {
    fn read_all(from: &mut Decoder<'_>) -> Result<Self, Damaged> {
        Ok(Many(First::read_all(from)?, Others::read_all(from)?))
    }
}

/// A call that a server is to execute.
pub struct Call<'a> {
    /// The number of the method or constructor.
    pub number: u32,
    arguments: &'a [u8],
}

impl<'a> Call<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Call<'a>> {
        let (number, arguments) = bytes.split_first_chunk()?;
        Some(Call {
            number: u32::from_le_bytes(*number),
            arguments,
        })
    }

    /// The arguments, copied into the objects of `cx`.
    ///
    /// # Errors
    /// `server_failed` if the bytes are not these.
    #[track_caller]
    pub fn arguments<P: Parameters>(&self, cx: &mut Context) -> Outcome<P> {
        cx.heap_mut().collect_if_due();
        let mut decoder = Decoder::copy(self.arguments, cx.heap_mut());
        let arguments =
            P::read_all(&mut decoder).and_then(|arguments| decoder.finish().map(|()| arguments));
        match arguments {
            Ok(arguments) => Ok(arguments),
            Err(damaged) => Err(Raised::server_failed(format!(
                "a call cannot be read: {damaged}"
            ))),
        }
    }

    /// The exception for a number that the class does not have.
    #[must_use]
    #[track_caller]
    pub fn unknown(&self) -> Raised {
        Raised::server_failed(format!(
            "the server has no method with number {}",
            self.number
        ))
    }
}

/// An encoded result.
pub struct Answer(pub(crate) Vec<u8>);

const RESULT: u8 = 0;
const EXCEPTION: u8 = 1;

/// The encoded result of a method.
///
/// # Errors
/// `resource_exhausted` if it cannot be copied to another process.
#[track_caller]
pub fn answer<T: Value>(value: &T, cx: &Context) -> Outcome<Answer> {
    let mut encoder = Encoder::copy(cx.heap());
    encoder.out().u8(RESULT);
    value.write(&mut encoder);
    match cx.heap().encode(encoder) {
        Ok(bytes) => Ok(Answer(bytes)),
        Err(why) => Err(Raised::resource_exhausted(why)),
    }
}

#[track_caller]
pub(crate) fn encode_arguments(arguments: &impl Arguments, cx: &Context) -> Outcome<Vec<u8>> {
    let mut encoder = Encoder::copy(cx.heap());
    arguments.write_all(&mut encoder);
    match cx.heap().encode(encoder) {
        Ok(bytes) => Ok(bytes),
        Err(why) => Err(Raised::resource_exhausted(why)),
    }
}

/// The encoded exception; one that cannot be copied goes as its class and message alone.
pub(crate) fn encode_raised(raised: &Raised, cx: &Context) -> Vec<u8> {
    let begin = |tag: u8| {
        let mut encoder = Encoder::copy(cx.heap());
        encoder.out().u8(EXCEPTION);
        encoder.out().str(&cx.position_text(raised));
        encoder.out().u8(tag);
        encoder
    };
    let described = |kind: Predefined, message: &str| {
        let mut encoder = begin(0);
        encoder.out().u8(kind as u8);
        encoder.out().str(message);
        cx.heap().encode(encoder).unwrap_or_default()
    };
    match raised.cause() {
        Cause::Predefined(kind, message) => described(*kind, message),
        Cause::Stopped => described(Predefined::ServerFailed, "this server was stopped"),
        Cause::Object(object) => {
            let mut encoder = begin(1);
            encoder.reference(object);
            cx.heap().encode(encoder).unwrap_or_else(|why| {
                let (class, message) = raised.describe(cx);
                described(
                    Predefined::ServerFailed,
                    &format!("{class}: {message} ({why})"),
                )
            })
        }
    }
}

/// The reply of a method that could not run: it raises `server_failed`.
pub(crate) fn raised(why: &str) -> Vec<u8> {
    described(Predefined::ServerFailed, why)
}

/// The reply of a method whose effects are too large to be replicated.
pub(crate) fn too_large() -> Vec<u8> {
    let why = "the method changes, or returns, more than one command may hold";
    described(Predefined::ResourceExhausted, why)
}

fn described(kind: Predefined, why: &str) -> Vec<u8> {
    let mut out = crate::wire::Writer::new();
    out.u8(EXCEPTION);
    out.str("");
    out.u8(0);
    out.u8(kind as u8);
    out.str(why);
    out.into_bytes()
}

/// The result of a reply, or its exception.
#[track_caller]
pub(crate) fn decode_reply<T: Value>(reply: &[u8], cx: &mut Context) -> Outcome<T> {
    cx.heap_mut().collect_if_due();
    let mut decoder = Decoder::copy(reply, cx.heap_mut());
    let parsed = parse_reply(&mut decoder).and_then(|parsed| decoder.finish().map(|()| parsed));
    match parsed {
        Ok(outcome) => outcome,
        Err(damaged) => Err(Raised::server_failed(format!(
            "a reply cannot be read: {damaged}"
        ))),
    }
}

fn parse_reply<T: Value>(decoder: &mut Decoder<'_>) -> Result<Outcome<T>, Damaged> {
    match decoder.reader().u8()? {
        RESULT => Ok(Ok(T::read(decoder)?)),
        EXCEPTION => {
            let position = Position::Source(decoder.reader().str()?.to_owned());
            let cause = match decoder.reader().u8()? {
                0 => {
                    let kind = usize::from(decoder.reader().u8()?);
                    let kind = Predefined::ALL
                        .get(kind)
                        .ok_or_else(|| Damaged::new("an unknown exception"))?;
                    Cause::Predefined(*kind, decoder.reader().str()?.to_owned())
                }
                1 => Cause::Object(decoder.reference()?),
                _ => return Err(Damaged::new("an exception of an unknown kind")),
            };
            Ok(Err(Raised::at(cause, position)))
        }
        _ => Err(Damaged::new("neither a result nor an exception")),
    }
}
