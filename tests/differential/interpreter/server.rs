//! Servers: commands whose arguments, replies and exceptions are copies, and that complete or change nothing.

use std::cell::RefCell;
use std::rc::Rc;

use cmsl_parser::Span;
use cmsl_parser::ast::{Accept, Expr, ExprKind, FailureModel, PropertyKind, Server};

use super::value::{Item, Ticket, Ty, Value};
use super::world::Routine;
use super::{Frame, Interpreter, Raised, Step, Stop, abandon};

impl<'a> Interpreter<'a> {
    /// Runs something at a server, undone if it raises.
    fn at_server<T>(
        &mut self,
        server: Option<usize>,
        run: impl FnOnce(&mut Self) -> Step<T>,
    ) -> Step<T> {
        self.undo.push(Vec::new());
        self.busy.extend(server);
        let depth = self.depth;
        let outcome = run(self);
        self.depth = depth;
        if server.is_some() {
            self.busy.pop();
        }
        match outcome {
            Ok(value) => {
                self.undo.pop();
                Ok(value)
            }
            Err(Stop::Raised(raised)) => {
                let to = self.busy.last().copied();
                let object = self.copy_of_object(raised.object, to)?;
                self.roll_back();
                let span = raised.span;
                Err(Stop::Raised(Raised { object, span }))
            }
            Err(other) => Err(other),
        }
    }

    /// `s->m (a)` of a running server.
    pub(super) fn command(
        &mut self,
        server: usize,
        method: &Routine<'a>,
        arguments: &[Value],
        span: Span,
    ) -> Step<Value> {
        if self.heap[server].deleted {
            return Err(self.raise("server_failed", "", span));
        }
        if self.busy.last() == Some(&server) {
            // Its own method calls it: no message travels.
            return self.dispatch(server, method, arguments.to_vec());
        }
        if self.busy.contains(&server) {
            return Err(self.raise("reentrant_call", "", span));
        }
        let arguments = self.copies(arguments, Some(server))?;
        let reply = self.at_server(Some(server), |interpreter| {
            interpreter.dispatch(server, method, arguments)
        })?;
        let mut reply = self.copies(&[reply], self.busy.last().copied())?;
        Ok(reply.pop().unwrap_or(Value::Void))
    }

    /// `server C (a) [n] …`
    pub(super) fn new_servers(
        &mut self,
        server: &'a Server,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let Some(Ty::Class(class)) = self.world.ty_named(&server.class, &frame.module) else {
            return abandon("a class of the embedding code");
        };
        let constructor = self.constructor(class, &server.arguments, frame)?;
        let mut values = self.values(&server.arguments, frame)?;
        if let Some(constructor) = &constructor {
            for (value, ty) in values.iter_mut().zip(&constructor.parameters) {
                *value = self.converted(value.clone(), ty)?;
            }
        }
        let length = match &server.size {
            Some(size) => self.length_of(size, frame, span)?,
            None => 1,
        };
        for property in &server.properties {
            match &property.kind {
                PropertyKind::Replicas(value)
                | PropertyKind::Tolerance(value)
                | PropertyKind::Priority(value) => drop(self.eval(value, frame)?),
                PropertyKind::Model(FailureModel::Byzantine) => {
                    return abandon("a model that no protocol serves yet");
                }
                PropertyKind::Model(_) | PropertyKind::Disjoint | PropertyKind::Durable(None) => {}
                _ => return abandon("a property of a server"),
            }
        }
        let mut items = Vec::new();
        for _ in 0..length {
            let arguments = self.copies(&values, None)?;
            self.expects_server = true;
            let object = self.at_server(None, |interpreter| {
                interpreter.create(class, constructor.as_ref(), arguments)
            })?;
            items.push(Item::Server(object));
        }
        Ok(Value::Reference(items.into()))
    }

    /// `delete s;`
    pub(super) fn delete(&mut self, reference: &Value, span: Span) -> Step<()> {
        let Value::Reference(items) = reference else {
            return abandon("what is no server is deleted");
        };
        for item in items.iter() {
            match item {
                Item::Server(id) if self.heap[*id].deleted => {
                    return Err(self.raise("server_failed", "", span));
                }
                Item::Server(id) => self.heap[*id].deleted = true,
                Item::Object(id) => self.heap[*id].deleted = self.heap[*id].is_server,
                Item::Null => return Err(self.raise("null_reference", "", span)),
            }
        }
        Ok(())
    }

    /// `invoke s->m (a)`: the reply is there at once.
    pub(super) fn invoke(&mut self, call: &'a Expr, frame: &mut Frame<'a>) -> Step<Value> {
        let ExprKind::MethodCall {
            object,
            method,
            arguments,
            ..
        } = &call.kind
        else {
            return abandon("invoke of what is no call");
        };
        let Ty::Class(class) = self.ty_of(object, frame) else {
            return abandon("invoke of what is no server");
        };
        let item = self.used(object, frame, call.span)?;
        let methods = self.world.methods(class, method.as_str());
        let Some(routine) = self.choose(&methods, arguments, frame) else {
            return abandon("no method fits");
        };
        let mut values = self.values(arguments, frame)?;
        for (value, ty) in values.iter_mut().zip(&routine.parameters) {
            *value = self.converted(value.clone(), ty)?;
        }
        let reply = match item {
            Item::Server(id) => self.command(id, &routine, &values, call.span),
            Item::Object(id) => self.dispatch(id, &routine, values),
            Item::Null => abandon("null has a method"),
        };
        let reply = match reply {
            Ok(value) => Ok(value),
            Err(Stop::Raised(raised)) => Err(raised),
            Err(other) => return Err(other),
        };
        let accepted = false;
        let ticket = Ticket { reply, accepted };
        Ok(Value::Future(Some(Rc::new(RefCell::new(ticket)))))
    }

    /// `f->result`
    pub(super) fn result(&mut self, future: &Value, span: Span) -> Step<Value> {
        let Value::Future(Some(ticket)) = future else {
            return Err(self.raise("null_reference", "", span));
        };
        match &ticket.borrow().reply {
            Ok(value) => Ok(value.clone()),
            Err(raised) => Err(Stop::Raised(raised.clone())),
        }
    }

    /// `accept (futures, n)`: all replies are there, and come in order.
    pub(super) fn accept(
        &mut self,
        accept: &'a Accept,
        frame: &mut Frame<'a>,
        span: Span,
    ) -> Step<Value> {
        let futures = self.eval(&accept.futures, frame)?;
        let futures: Vec<Value> = match &futures {
            Value::Array(all) | Value::List(all) => (**all).clone(),
            one => vec![one.clone()],
        };
        let Value::Integer(_, count) = self.eval(&accept.count, frame)? else {
            return abandon("a count is no number");
        };
        if let Some(timeout) = &accept.timeout {
            let _ = self.eval(&timeout.seconds, frame)?;
        }
        let Some(first) = usize::try_from(count)
            .ok()
            .and_then(|count| futures.get(..count))
        else {
            return Err(self.raise("index_out_of_range", "", span));
        };
        for (index, future) in first.iter().enumerate() {
            if let Value::Future(Some(ticket)) = future
                && !ticket.borrow().accepted
            {
                ticket.borrow_mut().accepted = true;
                return Ok(Value::int(index as i128));
            }
        }
        Err(self.raise("no_such_element", "", span))
    }
}
