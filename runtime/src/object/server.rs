//! A server class behind the [`Service`] boundary: calls in, deltas and replies out.
//!
//! The first call of a blank server is a constructor; its object becomes the root of the state. A call runs as one
//! transaction: it completes and its delta is logged, or it raises and nothing has changed.

use super::call::{Answer, Call, encode_raised};
use super::class::Class;
use super::context::{Code, Context};
use super::exception::{Cause, Outcome, Position, Predefined, Raised};
use super::reference::Ref;
use super::{Damaged, Environment, Execution, Service, Verdict};
use crate::wire::{Reader, Writer};
use std::sync::Arc;

/// What the compiler generates for each server class.
pub trait Served: Class {
    /// Runs the constructor with the call's number and gives the new object.
    ///
    /// # Errors
    /// What the constructor raises.
    fn construct_served(call: &Call<'_>, cx: &mut Context) -> Outcome<Ref<Self>>;

    /// Runs the method with the call's number.
    ///
    /// # Errors
    /// What the method raises.
    fn serve(this: &Ref<Self>, call: &Call<'_>, cx: &mut Context) -> Outcome<Answer>;
}

/// One replica of a server of class `T`.
pub struct ServerObject<T> {
    context: Context,
    root: std::marker::PhantomData<fn() -> T>,
}

impl<T: Served> ServerObject<T> {
    /// A replica without state.
    #[must_use]
    pub fn blank(code: &'static Code) -> ServerObject<T> {
        ServerObject {
            context: Context::of_replica(code),
            root: std::marker::PhantomData,
        }
    }

    /// The same, as the kernel holds it.
    #[must_use]
    pub fn boxed(code: &'static Code) -> Box<dyn Service> {
        Box::new(ServerObject::<T>::blank(code))
    }

    fn run(&mut self, call: &[u8]) -> Outcome<Answer> {
        let cx = &mut self.context;
        let Some(call) = Call::parse(call) else {
            return Err(Raised::server_failed("an empty call"));
        };
        match cx.heap().root().map(Arc::clone) {
            Some(root) => T::serve(&Ref::local(root), &call, cx),
            None => {
                cx.heap_mut().expect_root(T::INFO.name);
                let this = T::construct_served(&call, cx)?;
                let root = Arc::clone(this.handle()?);
                cx.heap_mut().set_root(root);
                super::call::answer(&(), cx)
            }
        }
    }
}

/// `resource_exhausted` of no line of the program: of the method as a whole.
fn nowhere(why: String) -> Raised {
    let cause = Cause::Predefined(Predefined::ResourceExhausted, why);
    Raised::at(cause, Position::Source(String::new()))
}

impl<T: Served> Service for ServerObject<T> {
    fn execute(&mut self, call: &[u8], environment: &Environment) -> Execution {
        self.context.enter(environment);
        self.context.heap_mut().start();
        let outcome = self.run(call).and_then(|answer| {
            let delta = self.context.heap_mut().complete();
            // If it failed, it has been taken back; its empty record follows below.
            delta.map(|delta| (answer, delta)).map_err(nowhere)
        });
        match outcome {
            Ok((Answer(reply), delta)) => Execution {
                delta,
                reply,
                verdict: Verdict::Completed,
            },
            Err(raised) => {
                let reply = encode_raised(&raised, &self.context);
                self.context.heap_mut().abandon();
                let verdict = match raised.cause() {
                    Cause::Predefined(Predefined::PreconditionFailed, _) => {
                        Verdict::PreconditionFailed
                    }
                    _ => Verdict::Raised,
                };
                Execution {
                    delta: Vec::new(),
                    reply,
                    verdict,
                }
            }
        }
    }

    fn apply(&mut self, delta: &[u8]) -> Result<(), Damaged> {
        self.context.heap_mut().apply(delta)?;
        self.context.heap_mut().collect_if_due();
        Ok(())
    }

    fn undo(&mut self) {
        self.context.heap_mut().undo_newest();
    }

    fn settle(&mut self) {
        self.context.heap_mut().settle_oldest();
    }

    fn snapshot(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.varint(self.context.heap().settled_next_id());
        out.raw(&self.settled());
        out.into_bytes()
    }

    fn restore(&mut self, snapshot: &[u8]) -> Result<(), Damaged> {
        let mut reader = Reader::new(snapshot);
        let next_id = reader.varint()?;
        let heap = self.context.heap().restored(next_id, reader.rest())?;
        *self.context.heap_mut() = heap;
        Ok(())
    }

    fn hash(&self) -> [u8; 32] {
        blake3::hash(&self.settled()).into()
    }

    fn describe(&self) -> String {
        // Through its encoding, as another replica would get it: the live state may be ahead of the settled one.
        let heap = self.context.heap();
        let next_id = heap.settled_next_id();
        match heap.restored(next_id, &self.settled()) {
            Ok(heap) => heap.describe(),
            Err(damaged) => damaged.to_string(),
        }
    }
}

impl<T: Served> ServerObject<T> {
    /// State that cannot be encoded (a class with Rust objects is never replicated) has empty bytes.
    fn settled(&self) -> Vec<u8> {
        self.context.heap().settled().unwrap_or_default()
    }
}
